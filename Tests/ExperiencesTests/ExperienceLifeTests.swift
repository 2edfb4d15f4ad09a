import ControlStore
import ExperimentsTestSupport
import Identity
import JSON
import Projects
import Resources
import TestSupport
import Testing
import Time

@testable import Experiences

/// What experiences do in time, and what they need to go on.
@Suite struct ExperienceLifeTests: ExperienceSuite {
    let rig: ExperimentsRig

    init() throws { rig = try ExperimentsRig() }

    @Test func scheduledExperiencesStartAndStopByThemselves() async throws {
        let start = rig.hand.now.seconds + 60
        let id = try await add(
            "a/b", ["status": "scheduled", "start_time": .integer(start), "end_time": .integer(start + 60)])
        let lifecycle = ExperienceLifecycle(resources: rig.service(), endings: NothingElse())
        #expect(try await lifecycle.advance() == 0)
        rig.hand.advance(seconds: 61)
        #expect(try await lifecycle.advance() == 1)
        #expect(try await lifecycle.advance() == 0)
        let running = try await get(id)
        #expect(running["status"] == "active" && running["end_time"] == .integer(start + 60))
        rig.hand.advance(seconds: 60)
        #expect(try await lifecycle.advance() == 1)
        #expect(try await get(id)["status"] == "completed")
        let page = try await rig.history.list(rig.scope().project, experienceID: id, ListRequest(nil))
        #expect(page.items?.prefix(2).map { $0["event"] } == ["complete", "activate"])
        #expect(page.items?.first?["method"] == "app")
    }

    private func announced(_ kind: Announcement.Kind, environment: Int64 = 1) async throws -> [JSONValue] {
        try await rig.store.read { database in
            try Announcement.page(kind, environmentID: environment, behind: 0, limit: 100, from: database)
                .map { .object($0.content) }
        }
    }

    @Test func startsAndEndsAreAnnounced() async throws {
        let id = try await add("a/b")
        #expect(try await announced(.experienceStarted).isEmpty)
        try await update(id, ["status": "active"])
        try await update(id, ["name": "renamed"])
        #expect(try await announced(.experienceStopped).isEmpty)
        let started = try #require(try await announced(.experienceStarted).first?["experience"])
        #expect(started["id"] == .integer(id) && started["status"] == "active" && started["name"] == "E")
        #expect(started["environment"] == "production" && started["project_id"] == 1)
        for status in ["paused", "completed", "active", "completed", "active"] {
            try await update(id, ["status": .string(status)])
        }
        try await rig.service().delete(.experiences, id, rig.scope())
        #expect(try await announced(.experienceStarted).count == 3)
        #expect(
            try await announced(.experienceStopped).map { $0["experience"]?["status"] } == [
                "paused", "completed", "deleted",
            ])
        // In the environment that it runs in, and in no other.
        #expect(try await announced(.experienceStarted, environment: 2).isEmpty)
    }

    @Test func whatStartsByItselfIsAnnouncedAndWhatFailsToIsNot() async throws {
        let start = rig.hand.now.seconds + 60
        _ = try await add("a/b", ["status": "scheduled", "start_time": .integer(start)])
        rig.hand.advance(seconds: 61)
        _ = try await ExperienceLifecycle(resources: rig.service(), endings: NothingElse()).advance()
        #expect(try await announced(.experienceStarted).count == 1)
        let id = try await add("a/b")
        await #expect(throws: ExperimentsError.self) {
            try await update(id, ["status": "active", "environment": "nowhere"])
        }
        #expect(try await announced(.experienceStarted).count == 1)
    }

    @Test func timeAndVisitorsEndExperiences() async throws {
        let timed = try await add("a/b", ["settings": ["max_running_time": 2]])
        let counted = try await add("a/b", ["settings": ["max_experience_visitors": 100]])
        let free = try await add()
        for id in [timed, counted, free] { try await update(id, ["status": "active"]) }
        func advance(_ visitors: Int64) async throws -> Int {
            let traffic = [counted: ExperienceTraffic(visitors: visitors)]
            return try await ExperienceLifecycle(resources: rig.service(traffic: traffic), endings: NothingElse())
                .advance()
        }
        #expect(try await advance(99) == 0)
        #expect(try await advance(100) == 1)
        rig.hand.advance(seconds: 2 * 86_400)
        #expect(try await advance(0) == 1)
        let states = try await [timed, counted, free].asyncMap { try await get($0)["status"] }
        #expect(states == ["completed", "completed", "active"])
    }

    @Test func whatCannotStartBecomesADraft() async throws {
        let start = rig.hand.now.seconds + 60
        let id = try await add(
            "a/b",
            [
                "status": "scheduled", "start_time": .integer(start), "variations": [["name": "a"], ["name": "b"]],
            ])
        // As if it had come from an earlier release.
        try await rig.store.write {
            try $0.execute(sql: "UPDATE variations SET document = json_set(document, '$.status', 'stopped')")
        }
        rig.hand.advance(seconds: 61)
        #expect(try await ExperienceLifecycle(resources: rig.service(), endings: NothingElse()).advance() == 1)
        #expect(try await get(id)["status"] == "draft")
    }

    @Test func oneThatCannotMoveHoldsUpNoOther() async throws {
        let start = rig.hand.now.seconds + 60
        let plan: JSONValue = ["status": "scheduled", "start_time": .integer(start)]
        let broken = try await add("a/b", plan)
        let whole = try await add("a/b", plan)
        try await rig.store.write {
            try $0.execute(sql: "UPDATE variations SET document = '[' WHERE experience_id = ?", arguments: [broken])
        }
        let unreadable = try await add("a/b", plan)
        try await rig.store.write {
            try $0.execute(sql: "UPDATE resources SET document = '{' WHERE id = ?", arguments: [unreadable])
        }
        rig.hand.advance(seconds: 61)
        let lifecycle = ExperienceLifecycle(resources: rig.service(), endings: NothingElse())
        #expect(try await lifecycle.advance() == 1)
        #expect(try await get(whole)["status"] == "active")
        // What cannot move is set aside, and left alone from then on.
        let setAside = SetAsideStore(store: rig.store, clock: rig.hand.clock)
        let owner = SetAsideStore.Owner(environmentID: 0, projectID: rig.scope().project.id)
        func listed() async throws -> [SetAsideItem] {
            try await setAside.list(of: owner, kind: .schedule, after: 0, limit: 10).items
        }
        #expect(try await listed().map(\.entry.subject) == ["\(unreadable)"])
        for _ in 1...3 { #expect(try await lifecycle.advance() == 0) }
        let items = try await listed()
        #expect(items.map(\.entry.subject) == ["\(unreadable)", "\(broken)"])
        #expect(items.map(\.entry.attempts) == [1, 3])
        for item in items { await #expect(throws: (any Error).self) { try await lifecycle.retry(item) } }
        try await rig.store.write {
            try $0.execute(sql: "UPDATE variations SET document = '{}' WHERE experience_id = ?", arguments: [broken])
        }
        try await lifecycle.retry(items[1])
        #expect(try await get(broken)["status"] == "active")
        #expect(try await listed().map(\.entry.subject) == ["\(unreadable)"])
    }

    @Test(
        arguments: [
            ["start_time": .integer(.max), "settings": ["max_running_time": 1]], ["start_time": -1],
            ["start_time": .double(1e18)], ["end_time": .integer(253_402_300_800)],
        ] as [JSONValue])
    func timesThatNoCalendarHasAreRefused(_ times: JSONValue) async throws {
        let named = await field { _ = try await add("a/b", times) }
        #expect(named == (times["start_time"] == nil ? "end_time" : "start_time"))
        let id = try await add("a/b")
        #expect(await field { try await update(id, times) } == named)
    }

    @Test func whenItStoppedIsAFact() async throws {
        let id = try await add("a/b", ["start_time": 5, "settings": ["min_running_time": 1, "max_running_time": 2]])
        #expect(try await get(id)["max_running_timestamp"] == .null)
        try await update(id, ["status": "active"])
        let start = rig.hand.now.seconds
        #expect(try await get(id)["max_running_timestamp"] == .integer(start + 2 * 86_400))
        rig.hand.advance(seconds: 60)
        try await update(id, ["status": "paused"])
        try await update(id, ["start_time": 7, "end_time": .null])
        #expect(try await get(id)["start_time"] == .integer(start))
        #expect(try await get(id)["end_time"] == .integer(start + 60))
        rig.hand.advance(seconds: 2 * 86_400)
        #expect(await field { try await update(id, ["status": "active"]) } == "settings.max_running_time")
        try await update(id, ["status": "active", "settings": ["max_running_time": 3]])
    }

    @Test func fullOnesRunAsLongAsTheyMust() async throws {
        let id = try await add(
            "a/b", ["status": "active", "settings": ["max_experience_visitors": 10, "min_running_time": 2]])
        let lifecycle = ExperienceLifecycle(
            resources: rig.service(traffic: [id: ExperienceTraffic(visitors: 99)]), endings: NothingElse())
        #expect(try await lifecycle.advance() == 0)
        rig.hand.advance(seconds: 2 * 86_400)
        #expect(try await lifecycle.advance() == 1)
        #expect(try await get(id)["status"] == "completed")
    }

    private func setProject(_ settings: JSONValue) async throws {
        _ = try await rig.projects.update(
            rig.scope(), JSONObject([("reporting_settings", settings)]),
            ProjectService.Options(include: [], expand: [], baseURL: ""))
    }

    @Test func limitsOfTheProjectHoldWhereTheExperienceHasNone() async throws {
        try await setProject(["max_running_time": 2, "max_experience_visitors": 10, "min_running_time": 1])
        let plain = try await add()
        let longer = try await add("a/b", ["settings": ["max_running_time": 3]])
        let free = try await add(
            "a/b", ["settings": ["max_running_time": 0, "max_experience_visitors": 0, "min_running_time": 0]])
        let full = try await add("a/b", ["settings": ["max_running_time": 0]])
        let early = try await add("a/b", ["settings": ["max_running_time": 0, "min_running_time": 0]])
        let ids = [plain, longer, free, full, early]
        for id in ids { try await update(id, ["status": "active"]) }
        let start = rig.hand.now.seconds
        #expect(try await get(plain)["max_running_timestamp"] == .integer(start + 2 * 86_400))
        #expect(try await get(plain)["min_running_timestamp"] == .integer(start + 86_400))
        #expect(try await get(free)["max_running_timestamp"] == .null)
        let traffic = [full: ExperienceTraffic(visitors: 10), early: ExperienceTraffic(visitors: 10)]
        let lifecycle = ExperienceLifecycle(resources: rig.service(traffic: traffic), endings: NothingElse())
        func running() async throws -> [Int64] {
            try await lifecycle.advance()
            return try await ids.asyncMap { try await get($0)["status"] == "active" ? $0 : 0 }.filter { $0 > 0 }
        }
        #expect(try await running() == [plain, longer, free, full])
        rig.hand.advance(seconds: 86_400)
        #expect(try await running() == [plain, longer, free])
        rig.hand.advance(seconds: 86_400)
        #expect(try await running() == [longer, free])
        // What is changed while they run holds from then on.
        #expect(await field { try await update(plain, ["status": "active"]) } == "settings.max_running_time")
        try await setProject(["max_running_time": 0])
        try await update(plain, ["status": "active"])
        #expect(try await running() == [plain, longer, free])
        try await setProject(["max_running_time": 2])
        #expect(try await running() == [longer, free])
        rig.hand.advance(seconds: 86_400)
        #expect(try await running() == [free])
    }

    @Test func whatMustRunLongerThanItsProjectAllowsRunsAsLongAsItMust() async throws {
        try await setProject(["max_running_time": 1])
        let id = try await add("a/b", ["status": "active", "settings": ["min_running_time": 2]])
        #expect(try await get(id)["max_running_timestamp"] == .integer(rig.hand.now.seconds + 2 * 86_400))
        let lifecycle = ExperienceLifecycle(resources: rig.service(), endings: NothingElse())
        rig.hand.advance(seconds: 86_400)
        #expect(try await lifecycle.advance() == 0)
        rig.hand.advance(seconds: 86_400)
        #expect(try await lifecycle.advance() == 1)
    }

    @Test func sharesThatFollowResultsAreNotSetByHand() async throws {
        let own: JSONValue = ["stats_engine_processing": ["mab_settings": ["strategy": "ucb"]]]
        let off: JSONValue = ["stats_engine_processing": ["mab_settings": .null]]
        let plain = try await add("a/b", ["status": "active"])
        let locked = try await add("a/b", ["status": "active", "settings": own])
        let free = try await add("a/b", ["status": "active", "settings": off])
        func isLocked(_ id: Int64) async throws -> Bool {
            let variations = try await get(id)["variations"]?.array ?? []
            let shares = variations.enumerated().map { number, variation -> JSONValue in
                ["id": variation["id"] ?? .null, "traffic_distribution": .double(number == 0 ? 40.5 : 59.5)]
            }
            let even = variations.map { ["id": $0["id"] ?? .null, "traffic_distribution": 50] as JSONValue }
            do {
                try await update(id, ["variations": .array(shares)])
                try await update(id, ["variations": .array(even)])
                return false
            } catch ExperimentsError.invalid(let findings) {
                #expect(findings.first?.field == "variations[0].traffic_distribution")
                return true
            }
        }
        #expect(try await [plain, locked, free].asyncMap(isLocked) == [false, true, false])
        try await setProject(own)
        #expect(try await [plain, locked, free].asyncMap(isLocked) == [true, true, false])
        try await setProject(off)
        #expect(try await isLocked(plain) == false)
    }

    @Test func settingsOfAnotherKindReplaceThoseBefore() async throws {
        let id = try await add(
            "a/b", ["settings": ["outliers": ["order_value": ["detection_type": "min_max", "min": 1, "max": 5]]]])
        try await update(id, ["settings": ["outliers": ["order_value": ["detection_type": "min_max", "max": 6]]]])
        #expect(
            try await get(id)["settings"]?["outliers"]?["order_value"]
                == ["detection_type": "min_max", "min": 1, "max": 6])
        try await update(id, ["settings": ["outliers": ["order_value": ["detection_type": "none"]]]])
        #expect(try await get(id)["settings"]?["outliers"]?["order_value"] == ["detection_type": "none"])
    }

    @Test func goalsAndFeaturesThatAreNeededStay() async throws {
        let goal = try await rig.add(.goals, ["name": "g", "type": "code_trigger"])
        let other = try await rig.add(.goals, ["name": "h", "type": "code_trigger"])
        let id = try await add("a/b", ["goals": [.integer(goal), .integer(other)], "primary_goal": .integer(goal)])
        try await update(id, ["status": "active"])
        try await update(id, ["status": "paused"])
        await #expect(throws: ExperimentsError.self) { try await rig.service().delete(.goals, goal, rig.scope()) }
        try await rig.service().delete(.goals, other, rig.scope())
        #expect(try await get(id)["primary_goal"] == .integer(goal))
    }

    @Test func archivedThingsComeIntoUseNowhere() async throws {
        let goal = try await rig.add(.goals, ["name": "g", "type": "code_trigger"])
        let id = try await add("a/b", ["goals": [.integer(goal)]])
        _ = try await rig.service().update(.goals, goal, JSONObject([("status", "archived")]), rig.scope())
        #expect(await field { _ = try await add("a/b", ["primary_goal": .integer(goal)]) } == "primary_goal")
        let other = try await add("a/b")
        #expect(await field { try await update(other, ["goals": [.integer(goal)]]) } == "goals[0]")
        try await update(id, ["goals": [.integer(goal)], "description": "as before"])
    }

    @Test func manyVariationsAreRefusedAtOnce() async throws {
        let list = JSONValue.array((0...Experience.maximumVariations).map { ["name": .string("v\($0)")] })
        #expect(await field { _ = try await add("a/b", ["variations": list]) } == "variations")
        #expect(await field { _ = try await add("a/b", ["variations": []]) } == "variations")
    }

    @Test(arguments: ["javascript:alert(1)", "file:///etc/passwd", "DATA:text/html,x"])
    func urlsThatRunOrReadAreRefused(_ url: String) async throws {
        #expect(await field { _ = try await add("a/b", ["url": .string(url)]) } == "url")
    }

    @Test func alertsSayWhatIsWrong() async throws {
        let goal = try await rig.add(.goals, ["name": "g", "type": "code_trigger"])
        let id = try await add("a/b", ["goals": [.integer(goal)], "settings": ["max_experience_visitors": 10]])
        func codes(_ traffic: ExperienceTraffic) async throws -> [String] {
            let shown = try await rig.service(traffic: [id: traffic]).get(
                .experiences, .id(id), include: ["alerts"], expand: [], rig.scope())
            return (shown["alerts"]?.array ?? []).compactMap { $0["code"]?.string }
        }
        #expect(try await codes(ExperienceTraffic()) == [])
        try await update(id, ["status": "active"])
        #expect(try await codes(ExperienceTraffic()) == ["no_visitors_tracked"])
        #expect(try await codes(ExperienceTraffic(visitors: 5)) == ["no_conversions_tracked"])
        #expect(try await codes(ExperienceTraffic(visitors: 10, conversions: 1)) == ["max_visitors_reached"])
    }
}

/// Whoever has run as long as it may is completed.
private struct NothingElse: ExperienceEndings {
    func conclude(_ experienceID: Int64, projectID: Int64) -> Bool { false }
}
