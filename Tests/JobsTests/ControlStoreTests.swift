import Dispatch
import Schema
import StoreTestSupport
import TestSupport
import Testing
import Time

@testable import ControlStore

struct ControlStoreTests {
    let temporary: TemporaryStore

    init() throws {
        temporary = try TemporaryStore()
    }

    private var path: String { temporary.folder.file("control.sqlite") }

    @Test func commitsAreDurable() async throws {
        let settings = try await temporary.store.write { database in
            try ["journal_mode", "synchronous", "foreign_keys"].map {
                try database.value(SQLValue.self, sql: "PRAGMA \($0)")?.description ?? ""
            }
        }
        #expect(settings == ["wal", "2", "1"])
    }

    @Test func openingAgainKeepsWhatIsThere() async throws {
        try temporary.store.close()
        let again = try ControlStore(path: path, migrations: ControlSchema.migrations)
        let names = try await again.read { database in
            try database.values(String.self, sql: "SELECT name FROM environments ORDER BY id")
        }
        #expect(names == ["one", "two"])
    }

    @Test func refusesAFileOfANewerVersion() async throws {
        try await temporary.store.write { database in
            try database.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('999 from the future')")
        }
        try temporary.store.close()
        #expect(throws: ControlStoreError.writtenByNewerVersion(path: path)) {
            try ControlStore(path: path, migrations: ControlSchema.migrations)
        }
    }

    @Test func timesAreMicroseconds() async throws {
        let time = Timestamp(microseconds: -1_234_567_890_123)
        let (stored, read) = try await temporary.store.read { database in
            (
                try database.value(Int64.self, sql: "SELECT ?", arguments: [time]),
                try database.value(Timestamp.self, sql: "SELECT ?", arguments: [time])
            )
        }
        #expect(stored == -1_234_567_890_123 && read == time)
    }

    @Test func positionsBelongToTheirTransaction() async throws {
        struct Abort: Error {}
        await #expect(throws: Abort.self) {
            try await temporary.store.write { database in
                try ProjectionPosition.move("people", to: "a", in: database)
                throw Abort()
            }
        }
        let positions = try await temporary.store.write { database in
            let before = try ProjectionPosition.read("people", from: database)
            try ProjectionPosition.move("people", to: "b", in: database)
            try ProjectionPosition.move("other", to: "c", in: database)
            return [before, try ProjectionPosition.read("people", from: database)]
        }
        #expect(positions == [nil, "b"])
    }

    @Test func rowsThatMayBeManyStayWhenTheyAreCutLoose() async throws {
        let old = temporary.folder.file("old.sqlite")
        let tables = ["visitors", "tracked_transactions", "joined_visitors", "exclusions"]
        func counts(_ store: ControlStore) async throws -> (rows: [Int?], parents: [Int?]) {
            try await store.read { database in
                let parents = "SELECT count(*) FROM pragma_foreign_key_list(?)"
                return (
                    try tables.map { try database.value(Int.self, sql: "SELECT count(*) FROM \($0)") },
                    try tables.map { try database.value(Int.self, sql: parents, arguments: [$0]) }
                )
            }
        }
        let before = try ControlStore(path: old, migrations: Array(ControlSchema.migrations.prefix(19)))
        try await before.write { database in
            try database.run(
                script: """
                    INSERT INTO accounts (id, name, created_at) VALUES (1, 'a', 0);
                    INSERT INTO projects (id, account_id, name, type, created_at) VALUES (1, 1, 'p', 'web', 0);
                    INSERT INTO environments (id, project_id, app_token, name, created_at) VALUES (1, 1, 'NX-1', 'one', 0);
                    INSERT INTO visitors (project_id, visitor_id, buckets, segments, updated_at)
                        VALUES (1, 'v', '{}', '{}', 0);
                    INSERT INTO tracked_transactions VALUES (1, 1, 't');
                    INSERT INTO joined_visitors VALUES (1, 'u', 'v', 0);
                    INSERT INTO exclusions VALUES (1, 'user', 'u', 0);
                    """)
        }
        #expect(try await counts(before) == ([1, 1, 1, 1], [1, 1, 1, 1]))
        try before.close()
        let after = try ControlStore(path: old, migrations: ControlSchema.migrations)
        #expect(try await counts(after) == ([1, 1, 1, 1], [0, 0, 0, 0]))
        try await after.write { try $0.execute(sql: "DELETE FROM projects") }
        #expect(try await counts(after).rows == [1, 1, 1, 1])
        let state = try await after.read { try $0.value(String.self, sql: "PRAGMA integrity_check") }
        #expect(state == "ok")
    }

    @Test func nobodyWaitsWhileAnErasureWaitsForReaders() async throws {
        let write: @Sendable () async throws -> Void = { [temporary] in
            _ = try await temporary.store.write { try $0.execute(sql: "UPDATE accounts SET name = name || 'b'") }
        }
        try await write()
        let (isReading, reading) = AsyncStream.makeStream(of: Void.self)
        let gate = DispatchSemaphore(value: 0)
        let reads = Task { [temporary] in
            try await temporary.store.read { database in
                _ = try database.value(String.self, sql: "SELECT name FROM accounts")
                reading.finish()
                gate.wait()
            }
        }
        for await _ in isReading {}
        try await write()
        let erasure = Task { [temporary] in try await temporary.store.erase() }
        try await Task.sleep(for: .milliseconds(50))
        try await write()
        gate.signal()
        try await reads.value
        // It has given nothing up meanwhile.
        try await erasure.value
    }

    @Test func manyRowsAreRemovedInPieces() async throws {
        let rows = 1_203
        try await temporary.store.write { database in
            for number in 0..<rows {
                try database.execute(
                    sql: "INSERT INTO exclusions VALUES (?, 'user', ?, 0)", arguments: [1 + number % 2, "\(number)"])
            }
        }
        let removed = try await temporary.store.removeInPieces { database, limit in
            let count = try database.execute(
                sql: """
                    DELETE FROM exclusions WHERE environment_id = 1 AND subject_id IN (
                        SELECT subject_id FROM exclusions WHERE environment_id = 1 LIMIT ?)
                    """,
                arguments: [limit])
            return count
        }
        #expect(removed == 602)
        let left = try await temporary.store.read {
            try $0.value(Int.self, sql: "SELECT count(*) FROM exclusions")
        }
        #expect(left == rows - removed)
    }
}
