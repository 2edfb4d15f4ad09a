import ControlStore
import ExperimentsTestSupport
import Identity
import JSON
import Resources
import Synchronization
import TestSupport
import Testing
import Time

@testable import Projects

@Suite struct ProjectServiceTests {
    private let rig: ExperimentsRig
    private let options = ProjectService.Options(
        include: ["domains", "default_goals", "stats.active_goals_count"], expand: [], baseURL: "https://s.example")

    init() throws { rig = try ExperimentsRig() }

    private func add(_ body: JSONValue) async throws -> (id: Int64, shown: JSONValue) {
        let shown = try await rig.projects.add(
            body.object ?? JSONObject(), accountID: 1, author: rig.scope().author, options)
        return (shown["id"]?.int64 ?? 0, shown)
    }

    private func scope(_ id: Int64) async throws -> ResourceScope {
        let project = try #require(try await ProjectStore(store: rig.store).project(id, accountID: 1))
        return ResourceScope(project: project, author: rig.scope().author, role: .owner)
    }

    private func update(_ id: Int64, _ body: JSONValue) async throws -> JSONValue {
        try await rig.projects.update(try await scope(id), body.object ?? JSONObject(), options)
    }

    @Test func settingsAreMergedAndSecretsStayIn() async throws {
        let (id, shown) = try await add([
            "name": "P", "settings": ["time_zone": "Europe/London"],
            "integrations_settings": ["crazyegg": ["api_key": "k", "api_secret": "s"]],
        ])
        #expect(shown["settings"]?["time_zone"] == "Europe/London" && shown["settings"]?["time_format"] == "24h")
        #expect(shown["integrations_settings"]?["crazyegg"] == ["api_key": "k"])
        #expect(shown["tracking_snippet"]?.string?.contains("https://s.example/v1/js/1-\(id).js") == true)
        let updated = try await update(id, ["settings": ["do_not_track": "Worldwide", "version": "mine"]])
        #expect(updated["settings"]?["time_zone"] == "Europe/London")
        #expect(updated["settings"]?["do_not_track"] == "Worldwide")
        #expect(updated["settings"]?["version"] != shown["settings"]?["version"])
        #expect(updated["settings"]?["version"] != "mine")
        await #expect(throws: ExperimentsError.self) { try await update(id, ["settings": ["time_zone": "Mars/X"]]) }
        await #expect(throws: ExperimentsError.self) { try await update(id, ["project_type": "fullstack"]) }
        await #expect(throws: ExperimentsError.self) { try await update(id, ["name": " "]) }
    }

    @Test func theListOfDomainsReplacesTheStoredOne() async throws {
        let (id, shown) = try await add([
            "name": "P", "domains": [["url": "https://a.example"], ["url": "https://b.example"]],
        ])
        let first = try #require(shown["domains"]?[0]?["id"])
        let updated = try await update(id, ["domains": [first, ["url": "https://c.example"]]])
        #expect(
            updated["domains"]?.array?.compactMap { $0["url"]?.string } == ["https://a.example", "https://c.example"])
        // One that belongs elsewhere spoils the whole change.
        let foreign = try await rig.add(.domains, ["url": "https://web.example"])
        await #expect(throws: ExperimentsError.self) {
            try await update(id, ["name": "Q", "domains": [.integer(foreign)]])
        }
        let same = try await rig.projects.get(try await scope(id).project, options)
        #expect(same["name"] == "P" && same["domains"]?.array?.count == 2)
    }

    @Test func environmentsHaveOneDefaultAndStayWhileKeysHangOnThem() async throws {
        let (id, shown) = try await add(["name": "P"])
        #expect(shown["environments"]?.object?.keys == ["production"])
        let both: JSONValue = [
            "production": ["label": "Live", "is_default": false],
            "staging": ["label": "Test", "is_default": true, "js": "x()"],
        ]
        let updated = try await update(id, ["environments": both])
        #expect(updated["environments"]?["staging"] == ["label": "Test", "is_default": true, "js": "x()"])
        for wrong: JSONValue in [
            [:], ["a": ["label": "A", "is_default": false]],
            ["a": ["label": "A", "is_default": true], "b": ["label": "B", "is_default": true]],
        ] {
            await #expect(throws: ExperimentsError.self) { try await update(id, ["environments": wrong]) }
        }
        let keys = SDKKeyStore(store: rig.store, masterKey: rig.masterKey, clock: rig.hand.clock)
        let project = try await scope(id).project
        let note = rig.history.sdkKeyChange(try await scope(id))
        let key = try await keys.create(
            project, label: "k", environment: "production", hasSecret: true, isEnabled: true, isDefault: false,
            noting: note
        ).key
        let one: JSONValue = ["environments": ["staging": ["label": "Test", "is_default": true]]]
        await #expect(throws: ExperimentsError.self) { try await update(id, one) }
        _ = try await keys.delete(key.identifier, project, noting: note)
        #expect(try await update(id, one)["environments"]?.object?.keys == ["staging"])
    }

    @Test func defaultsOfAProjectAreThoseOfItsResources() async throws {
        let goals = [
            try await rig.add(.goals, ["name": "a", "type": "code_trigger", "selected_default": true]),
            try await rig.add(.goals, ["name": "b", "type": "code_trigger"]),
        ]
        #expect(try await update(1, [:])["default_goals"] == [.integer(goals[0])])
        #expect(try await update(1, ["default_goals": [.integer(goals[1])]])["default_goals"] == [.integer(goals[1])])
        let first = try await rig.service().get(.goals, .id(goals[0]), include: [], expand: [], rig.scope())
        #expect(first["selected_default"] == false)
        #expect(try await update(1, [:])["stats"] == ["active_goals_count": 2])
        await #expect(throws: ExperimentsError.self) { try await update(1, ["default_goals": [99]]) }
    }

    @Test func keysOfSomeProjectsListOnlyThose() async throws {
        let (id, _) = try await add(["name": "Ünique"])
        func names(_ allowed: Set<Int64>?, _ request: JSONValue = [:]) async throws -> [String] {
            try await rig.projects.list(accountID: 1, projectIDs: allowed, ListRequest(request.object), options)
                .items?.compactMap { $0["name"]?.string } ?? []
        }
        #expect(try await names(nil) == ["Ünique", "fullstack", "web"])
        #expect(try await names([id, 1]) == ["Ünique", "web"])
        #expect(try await names([]).isEmpty)
        #expect(try await names(nil, ["project_type": ["fullstack"]]) == ["fullstack"])
        #expect(try await names(nil, ["search": "ÜNI"]) == ["Ünique"])
        #expect(
            try await names(
                nil, ["sort_by": "project_name", "sort_direction": "asc", "results_per_page": 1, "page": 3]) == [
                    "Ünique"
                ])
    }

    /// They may be millions, so a job removes them, which is queued in the transaction that deletes the rest.
    @Test func visitorsDoNotHoldUpWhatTheyBelongTo() async throws {
        let (id, _) = try await add(["name": "P"])
        let both: JSONValue = ["production": ["is_default": true], "staging": ["is_default": false]]
        _ = try await update(id, ["environments": both])
        let environments = try await rig.store.write { database in
            let environments = try ProjectEnvironment.fetchAll(projectID: id, from: database).map(\.id)
            for environment in environments {
                try database.execute(
                    sql: "INSERT INTO joined_visitors VALUES (?, 'u', 'v', 0)", arguments: [environment])
                try database.execute(
                    sql: "INSERT INTO exclusions VALUES (?, 'user', 'u', 0)", arguments: [environment])
            }
            try database.execute(
                sql: """
                    INSERT INTO visitors (project_id, visitor_id, buckets, segments, updated_at)
                    VALUES (?, 'v', '{}', '{}', 0)
                    """, arguments: [id])
            try database.execute(sql: "INSERT INTO tracked_transactions VALUES (?, 1, 't')", arguments: [id])
            return environments
        }
        _ = try await update(id, ["environments": ["production": ["is_default": true]]])
        #expect(rig.removed.ids.withLock { $0 } == [environments[1]])
        try await rig.projects.delete(try await scope(id))
        #expect(rig.removed.ids.withLock { $0 } == [environments[1], environments[0]])
        let left = try await rig.store.read { database in
            try ["visitors", "tracked_transactions", "joined_visitors", "exclusions"].map {
                try database.value(Int.self, sql: "SELECT count(*) FROM \($0)")
            }
        }
        #expect(left == [1, 1, 2, 2])
    }

    @Test func deletedProjectsLeaveTheirHistoryOnly() async throws {
        let (id, _) = try await add(["name": "P", "domains": [["url": "https://a.example"]]])
        try await rig.projects.delete(try await scope(id))
        let project = try await ProjectStore(store: rig.store).project(id, accountID: 1)
        #expect(project == nil)
        #expect(rig.removed.ids.withLock { $0.count } == 1)
        let left = try await rig.store.read { database in
            try database.value(Int.self, sql: "SELECT count(*) FROM resources WHERE project_id = ?", arguments: [id])
        }
        #expect(left == 0)
        let page = try await rig.history.list(accountID: 1, projectIDs: nil, ListRequest(nil))
        let entry = try #require(page.items?.first)
        #expect(entry["event"] == "delete" && entry["changes"]?["old"]?["name"] == "P")
        await #expect(throws: ExperimentsError.self) {
            try await rig.projects.delete(
                ResourceScope(
                    project: Project(
                        id: id, accountID: 1, name: "P", type: .web, createdAt: rig.hand.clock.now),
                    author: rig.scope().author, role: .owner))
        }
    }

    @Test func domainsMaySwapTheirAddresses() async throws {
        let (id, shown) = try await add([
            "name": "P", "domains": [["url": "https://a.example"], ["url": "https://b.example"]],
        ])
        let ids = (shown["domains"]?.array ?? []).compactMap { $0["id"] }
        func domains(_ list: JSONValue) async throws -> [String] {
            let updated = try await update(id, ["domains": list])
            return (updated["domains"]?.array ?? []).map { "\($0["id"]?.int64 ?? 0) \($0["url"]?.string ?? "")" }
        }
        let (first, second) = (ids[0].int64 ?? 0, ids[1].int64 ?? 0)
        #expect(
            try await domains([
                ["id": ids[0], "url": "https://b.example"], ["id": ids[1], "url": "https://a.example"],
            ])
                == ["\(first) https://b.example", "\(second) https://a.example"])
        #expect(
            try await domains([["url": "https://A.example/"], ["url": "https://b.example"]])
                == ["\(first) https://b.example", "\(second) https://a.example"])
        #expect(try await domains([["id": ids[0], "url": "https://a.example"]]) == ["\(first) https://a.example"])
        await #expect(throws: ExperimentsError.self) {
            try await domains([["url": "https://c.example"], ["url": "https://c.example"]])
        }
    }

    @Test func whatComesAfterADeletionIsRefused() async throws {
        let (id, _) = try await add(["name": "P"])
        let gone = try await scope(id)
        try await rig.projects.delete(gone)
        await #expect(throws: ExperimentsError.notFound("There is no project \(id) any more.")) {
            try await rig.service().add(.tags, JSONObject([("name", "t")]), gone)
        }
    }

    @Test func snippetsHoldNoCodeOfOthers() {
        #expect(!ProjectView.snippet("https://x\"><script>", 1, 2).contains("\"><script>"))
    }
}
