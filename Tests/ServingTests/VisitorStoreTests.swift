import ControlStore
import StoreTestSupport
import Testing

@testable import Serving

@Suite struct VisitorStoreTests {
    private static let tables = ["visitors", "tracked_transactions", "joined_visitors"]
    private let temporary: TemporaryStore

    /// Two projects; a third of what stands in each table is of environment 1 and project 1, the rest of a project 2 and an
    /// environment 3 that are gone.
    init() throws {
        temporary = try TemporaryStore()
        try temporary.store.blockingWrite { database in
            try database.run(
                script: """
                    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1803)
                    INSERT INTO visitors (project_id, visitor_id, buckets, segments, updated_at)
                        SELECT iif(n % 3, 2, 1), 'v' || n, '{}', '{}', 0 FROM numbers;
                    INSERT INTO tracked_transactions SELECT project_id, 5, visitor_id FROM visitors;
                    INSERT INTO joined_visitors SELECT iif(project_id = 1, 1, 3), 'u', visitor_id, 0 FROM visitors;
                    """)
        }
    }

    private func left() async throws -> [Int?] {
        try await temporary.store.read { database in
            try Self.tables.map { try database.value(Int.self, sql: "SELECT count(*) FROM \($0)") }
        }
    }

    private func forget() async throws {
        let visitors = VisitorStore(store: temporary.store)
        try await visitors.deleteAll(environmentID: 3)
        try await visitors.deleteAll(projectID: 2)
    }

    /// However many they are; those of others stay.
    @Test func whatIsGoneTakesItsVisitorsAlong() async throws {
        try await forget()
        #expect(try await left() == [601, 601, 601])
    }

    /// Cut off after any number of pieces of any table, it is finished by the next call.
    @Test(arguments: tables, [1_803, 1_303, 803]) func whatWasCutOffIsFinished(table: String, rows: Int) async throws {
        try await temporary.store.write { database in
            try database.run(
                script: """
                    CREATE TRIGGER cut BEFORE DELETE ON \(table) WHEN (SELECT count(*) FROM \(table)) = \(rows)
                    BEGIN SELECT RAISE(ABORT, 'cut off'); END
                    """)
        }
        await #expect(throws: StoreError.self) { try await forget() }
        #expect(try await left()[Self.tables.firstIndex(of: table) ?? 0] == rows)
        try await temporary.store.write { try $0.run(script: "DROP TRIGGER cut") }
        try await forget()
        #expect(try await left() == [601, 601, 601])
    }
}
