import ControlStore
import ExperimentsTestSupport
import Identity
import JSON
import TestSupport
import Testing
import Time

@testable import Resources

@Suite struct ChangeHistoryTests {
    private let rig: ExperimentsRig

    init() throws { rig = try ExperimentsRig() }

    private func list(_ request: JSONValue = [:]) async throws -> [JSONValue] {
        try await rig.history.list(rig.scope().project, ListRequest(request.object)).items ?? []
    }

    @Test func everyChangeIsToldWithWhatChanged() async throws {
        let id = try await rig.add(.locations, ["name": "l", "rules": ["OR": []]])
        let service = rig.service()
        _ = try await service.update(.locations, id, JSONObject([("description", "d")]), rig.scope())
        _ = try await service.update(.locations, id, JSONObject([("status", "archived")]), rig.scope())
        // Nothing changes, nothing is told.
        _ = try await service.update(.locations, id, JSONObject([("name", "l")]), rig.scope())
        try await service.delete(.locations, id, rig.scope())
        let changes = try await list()
        #expect(changes.compactMap { $0["event"]?.string } == ["delete", "archive", "update", "create"])
        #expect(changes[0]["changes"]?["new"] == .null)
        #expect(changes[0]["changes"]?["old"]?["description"] == "d")
        #expect(changes[1]["changes"] == ["old": ["status": "active"], "new": ["status": "archived"]])
        #expect(changes[2]["changes"] == ["old": ["description": .null], "new": ["description": "d"]])
        #expect(changes[3]["changes"]?["old"] == .null)
        #expect(changes[3]["changes"]?["new"]?["rules"] == ["OR": []])
        for change in changes {
            #expect(change["user"] == "key" && change["method"] == "api" && change["request_id"] == "r")
            #expect(change["object"] == "location" && change["object_id"] == .string("\(id)"))
        }
    }

    @Test func filtersNarrowAndIdsOfSeveralKindsAddUp() async throws {
        let goal = try await rig.add(.goals, ["name": "g", "type": "code_trigger"])
        let other = try await rig.add(.goals, ["name": "h", "type": "code_trigger"])
        let tag = try await rig.add(.tags, ["name": "t"])
        func objects(_ request: JSONValue) async throws -> [Int64] {
            try await list(request).compactMap { $0["object_id"]?.string.flatMap { Int64($0) } }
        }
        #expect(try await objects(["goals": [.integer(goal)], "tags": [.integer(tag)]]) == [tag, goal])
        #expect(try await objects(["objects": ["goal"]]) == [other, goal])
        #expect(try await objects(["objects": ["goal"], "sort_direction": "asc", "results_per_page": 1]) == [goal])
        #expect(try await objects(["methods": ["app"]]).isEmpty)
        // Ids of one kind never match another's.
        #expect(try await objects(["audiences": [.integer(goal)]]).isEmpty)
    }

    @Test func keysOfSomeProjectsSeeOnlyTheirChanges() async throws {
        _ = try await rig.add(.tags, ["name": "web"])
        _ = try await rig.add(.tags, ["name": "fullstack"], .fullstack)
        let log = ChangeLog(accountID: 1, projectID: nil, author: rig.scope().author, now: rig.hand.clock.now)
        try await rig.store.write { database in
            try log.record("create", "api_key", id: 5, old: nil, new: JSONObject(), in: database)
        }
        func count(_ projects: Set<Int64>?) async throws -> Int {
            try await rig.history.list(accountID: 1, projectIDs: projects, ListRequest(nil)).itemsCount
        }
        #expect(try await count(nil) == 3)
        #expect(try await count([2]) == 1)
        #expect(try await count([]) == 0)
        #expect(try await rig.history.list(accountID: 2, projectIDs: nil, ListRequest(nil)).itemsCount == 0)
    }
}
