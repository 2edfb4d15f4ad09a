import ControlStore
import ExperimentsTestSupport
import JSON
import Testing

@testable import Resources

/// Changes of many: what is done stays done and is told as done, whatever becomes of the rest.
@Suite struct BulkChangeTests {
    private let rig: ExperimentsRig

    init() throws { rig = try ExperimentsRig() }

    private func goals(_ count: Int) async throws -> [Int64] {
        var ids: [Int64] = []
        for number in 0..<count {
            ids.append(try await rig.add(.goals, ["name": .string("goal \(number)"), "type": "code_trigger"]))
        }
        return ids
    }

    private func left() async throws -> [Int64] {
        try await rig.store.read { database in
            try database.values(Int64.self, sql: "SELECT id FROM resources WHERE kind = 'goal' ORDER BY id")
        }
    }

    /// Has the disk be full as soon as a resource goes.
    private func fillDisk(with id: Int64) async throws {
        try await rig.store.write { database in
            try database.run(
                script: """
                    CREATE TABLE filling (bytes BLOB);
                    CREATE TRIGGER fill AFTER DELETE ON resources WHEN old.id = \(id)
                    BEGIN INSERT INTO filling VALUES (zeroblob(8000000)); END
                    """)
        }
        try await rig.store.write { database in
            let pages = try database.value(Int.self, sql: "PRAGMA page_count") ?? 0
            try database.run(script: "PRAGMA max_page_count = \(pages + 500)")
        }
    }

    @Test func whatComesAfterAFailureIsToldAsNotDone() async throws {
        let ids = try await goals(35)
        try await fillDisk(with: ids[25])
        let failures = try await rig.service().delete(.goals, ids, rig.scope())
        #expect(failures.map(\.id) == Array(ids[20...]))
        #expect(failures.allSatisfy { $0.message.hasPrefix("Not changed:") })
        #expect(try await left() == Array(ids[20...]))
        try await rig.store.write { try $0.run(script: "DROP TRIGGER fill") }
        #expect(try await rig.service().delete(.goals, failures.map(\.id), rig.scope()).isEmpty)
        #expect(try await left().isEmpty)
    }

    @Test func troubleBeforeAnythingIsDoneIsTrouble() async throws {
        let ids = try await goals(12)
        try await fillDisk(with: ids[5])
        await #expect(throws: StoreError.self) { try await rig.service().delete(.goals, ids, rig.scope()) }
        #expect(try await left() == ids)
    }

    @Test func oneThatCannotBeReadIsAFailureOfItsOwn() async throws {
        let ids = try await goals(3)
        try await rig.store.write { database in
            try database.execute(sql: "UPDATE resources SET document = '{' WHERE id = ?", arguments: [ids[1]])
        }
        let body = JSONObject([("description", "new")])
        #expect(try await rig.service().update(.goals, ids, body, rig.scope()).map(\.id) == [ids[1]])
        #expect(try await rig.service().delete(.goals, ids, rig.scope()).map(\.id) == [ids[1]])
        #expect(try await left() == [ids[1]])
    }
}
