import ControlStore
import GRDB
import StoreTestSupport
import TestSupport
import Testing
import Time

struct ControlStoreTests {
    let temporary: TemporaryStore

    init() throws {
        temporary = try TemporaryStore()
    }

    private var path: String { temporary.folder.file("control.sqlite") }

    @Test func commitsAreDurable() async throws {
        let settings = try await temporary.store.database.write { database in
            try ["journal_mode", "synchronous", "foreign_keys"].map {
                try String.fetchOne(database, sql: "PRAGMA \($0)") ?? ""
            }
        }
        #expect(settings == ["wal", "2", "1"])
    }

    @Test func openingAgainKeepsWhatIsThere() async throws {
        try temporary.store.close()
        let again = try ControlStore(path: path)
        let names = try await again.database.read { database in
            try String.fetchAll(database, sql: "SELECT name FROM environments ORDER BY id")
        }
        #expect(names == ["one", "two"])
    }

    @Test func refusesAFileOfANewerVersion() async throws {
        try await temporary.store.database.write { database in
            try database.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('999 from the future')")
        }
        try temporary.store.close()
        #expect(throws: ControlStoreError.writtenByNewerVersion(path: path)) { try ControlStore(path: path) }
    }

    @Test func timesAreMicroseconds() async throws {
        let time = Timestamp(microseconds: -1_234_567_890_123)
        let (stored, read) = try await temporary.store.database.read { database in
            (
                try Int64.fetchOne(database, sql: "SELECT ?", arguments: [time]),
                try Timestamp.fetchOne(database, sql: "SELECT ?", arguments: [time])
            )
        }
        #expect(stored == -1_234_567_890_123 && read == time)
    }

    @Test func positionsBelongToTheirTransaction() async throws {
        struct Abort: Error {}
        await #expect(throws: Abort.self) {
            try await temporary.store.database.write { database in
                try ProjectionPosition.move("people", to: "a", in: database)
                throw Abort()
            }
        }
        let positions = try await temporary.store.database.write { database in
            let before = try ProjectionPosition.read("people", from: database)
            try ProjectionPosition.move("people", to: "b", in: database)
            try ProjectionPosition.move("other", to: "c", in: database)
            return [before, try ProjectionPosition.read("people", from: database)]
        }
        #expect(positions == [nil, "b"])
    }
}
