import ControlStore
import ExperimentsTestSupport
import Identity
import JSON
import Resources
import TestSupport
import Testing

@testable import Projects

/// What accounts and projects tell of how much they hold.
@Suite struct StatisticsTests {
    private let rig: ExperimentsRig

    init() throws { rig = try ExperimentsRig() }

    private func addExperience(_ type: String, status: String) async throws {
        let id = try await rig.addExperience(type, status: status, using: [])
        try await rig.store.write { database in
            try database.execute(
                sql: "UPDATE resources SET document = json_object('type', ?) WHERE id = ?", arguments: [type, id])
        }
    }

    private func fill() async throws {
        for (type, status) in [("a/b", "active"), ("deploy", "active"), ("deploy", "draft")] {
            try await addExperience(type, status: status)
        }
        for url in ["https://a.example", "https://b.example"] {
            _ = try await rig.add(.domains, ["url": .string(url)])
        }
        _ = try await rig.add(.domains, ["url": "https://a.example"], .fullstack)
        for (name, type, status) in [
            ("a", "segmentation", "active"), ("b", "segmentation", "archived"), ("c", "permanent", "active"),
        ] {
            let body: JSONValue = [
                "name": .string(name), "type": .string(type), "status": .string(status), "rules": nil,
            ]
            _ = try await rig.add(.audiences, body)
        }
    }

    private func account(_ projectIDs: Set<Int64>?) async throws -> JSONValue? {
        try await AccountService(store: rig.store, clock: rig.hand.clock)
            .get(1, role: "owner", projectIDs: projectIDs, include: ["stats"])["stats"]
    }

    @Test func accountsCountWhatTheirProjectsHold() async throws {
        try await fill()
        let all = try await account(nil)
        #expect(all?["active_projects_count"] == 2 && all?["active_domains_count"] == 2)
        #expect(all?["experiences_count"] == 3 && all?["active_experiences_count"] == 2)
        #expect(all?["active_deploys_count"] == 1)
        let fullstack = try await account([2])
        #expect(fullstack?["active_projects_count"] == 1 && fullstack?["active_domains_count"] == 1)
        #expect(fullstack?["experiences_count"] == 0)
        #expect(try await account([])?["active_projects_count"] == 0)
        // Domains of a project that is off are not active.
        try await rig.store.write {
            try $0.execute(sql: "UPDATE projects SET status = 'inactive' WHERE id = 1")
        }
        let rest = try await account(nil)
        #expect(rest?["active_projects_count"] == 1 && rest?["active_domains_count"] == 1)
        #expect(rest?["experiences_count"] == 3)
    }

    @Test func projectsCountWhatTheyHold() async throws {
        try await fill()
        let names = [
            "experiences_count", "active_experiences_count", "active_experiments_count", "segments_count",
            "active_segments_count", "active_goals_count",
        ]
        let options = ProjectService.Options(include: Set(names.map { "stats.\($0)" }), expand: [], baseURL: "")
        let stats = try await rig.projects.get(rig.scope().project, options)["stats"]
        #expect(names.map { stats?[$0]?.int64 } == [3, 2, 1, 2, 1, 0])
        let page = try await rig.projects.list(
            accountID: 1, projectIDs: nil, ListRequest(JSONObject([("sort_by", "active_tests")])), options)
        #expect(page.items?.compactMap { $0["id"]?.int64 } == [1, 2])
    }
}
