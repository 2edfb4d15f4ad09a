import ControlStore
import ExperimentsTestSupport
import JSON
import Resources
import Testing

@testable import Experiences

/// What an experience consists of stays small enough to be held and served as a whole.
@Suite struct ExperienceSizeTests {
    private let rig: ExperimentsRig

    init() throws { rig = try ExperimentsRig() }

    private func change(_ bytes: Int) -> JSONValue {
        ["type": "customCode", "data": ["js": .string(String(repeating: "x", count: bytes)), "css": ""]]
    }

    private func add(_ changes: [JSONValue]) async throws -> Int64 {
        try await rig.add(
            .experiences,
            [
                "name": "e", "type": "a/b", "url": "https://x.example/",
                "variations": [["name": "a"], ["name": "b", "changes": .array(changes)]],
            ])
    }

    @Test func changesHaveALimitTogether() async throws {
        let half = Experience.maximumChangeBytes / 2
        let error = await #expect(throws: ExperimentsError.self) { try await add([change(half), change(half)]) }
        guard case .invalid(let findings) = error else { throw CancellationError() }
        #expect(findings.map(\.field) == ["changes"])
        #expect(try await rig.names(.experiences) == [])
        _ = try await add([change(half), change(half - 1_000)])
    }

    /// It may be changed, and become smaller.
    @Test func oneThatIsTooLargeAlreadyDoesNotGrow() async throws {
        let id = try await add([change(10), change(10)])
        let service = ExperienceService(resources: rig.service())
        let (changeID, data) = try await rig.store.write { database in
            try database.execute(
                sql: "UPDATE variation_changes SET data = json_set(data, '$.js', hex(zeroblob(?)))",
                arguments: [Experience.maximumChangeBytes / 4 + 10_000])
            let id = try database.value(Int64.self, sql: "SELECT max(id) FROM variation_changes") ?? 0
            return (id, try database.value(String.self, sql: "SELECT data FROM variation_changes") ?? "")
        }
        _ = try await rig.service().update(.experiences, id, JSONObject([("name", "f")]), rig.scope())
        func store(_ bytes: Int) async throws {
            let data: JSONValue = ["js": .string(String(repeating: "x", count: bytes)), "css": ""]
            _ = try await service.updateChange(changeID, of: id, JSONObject([("data", data)]), rig.scope())
        }
        await #expect(throws: ExperimentsError.self) { try await store(data.utf8.count) }
        try await store(data.utf8.count - 1_000)
        try await store(10)
        await #expect(throws: ExperimentsError.self) { try await store(data.utf8.count - 1_000) }
    }
}
