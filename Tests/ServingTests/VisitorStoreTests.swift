import ControlStore
import StoreTestSupport
import Testing

@testable import Serving

@Suite struct VisitorStoreTests {
    /// However many they are; those of others stay.
    @Test func aProjectForgetsAllItsVisitors() async throws {
        let temporary = try TemporaryStore()
        try await temporary.store.write { database in
            try database.run(
                script: """
                    INSERT INTO projects (id, account_id, name, type, created_at) VALUES (2, 1, 'q', 'web', 0);
                    INSERT INTO environments (id, project_id, app_token, name, created_at) VALUES (3, 2, 'NX-3', 'x', 0);
                    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1203)
                    INSERT INTO visitors (project_id, visitor_id, buckets, segments, updated_at)
                        SELECT 1 + n % 2, 'v' || n, '{}', '{}', 0 FROM numbers;
                    INSERT INTO tracked_transactions SELECT project_id, 5, visitor_id FROM visitors;
                    INSERT INTO joined_visitors SELECT iif(project_id = 1, 2, 3), 'u', visitor_id, 0 FROM visitors;
                    """)
        }
        try await VisitorStore(store: temporary.store).deleteAll(projectID: 2, environmentIDs: [3])
        let left = try await temporary.store.read { database in
            try ["visitors", "tracked_transactions", "joined_visitors"].map {
                try database.value(Int.self, sql: "SELECT count(*) FROM \($0)")
            }
        }
        #expect(left == [601, 601, 601])
    }
}
