import Foundation
import GRDB

/// A file beside the store, with its schema and some of its rows, in which a change is made that is too long to be made
/// while all others wait. Nothing of it counts: what a crash leaves of it is removed by the next start.
struct StagedStore {
    let path: String
    private let queue: DatabaseQueue
    private let tables: [StagedTable]
    /// Where the rows begin that the change adds, by the name of the table.
    private let firstIDs: [String: Int64]

    private static let suffix = "-staged-"
    /// Kilobytes of pages kept in memory.
    private static let cacheSize = 32_768

    init(
        beside path: String, _ tables: [StagedTable], firstIDs: [String: Int64]
    ) throws {
        self.path = "\(path)\(Self.suffix)\(UUID().uuidString.lowercased())"
        self.tables = tables
        self.firstIDs = firstIDs
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.label = "control.staged"
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = MEMORY")
            try database.execute(sql: "PRAGMA synchronous = OFF")
            try database.execute(sql: "PRAGMA cache_size = -\(Self.cacheSize)")
        }
        queue = try DatabaseQueue(path: self.path, configuration: configuration)
    }

    /// Copies the schema, and the rows that the change sees, as they are at one moment.
    func fill(from control: SQLiteFile) async throws {
        try control.migrator.migrate(queue)
        try await queue.writeWithoutTransaction { [tables, firstIDs, path = control.path] database in
            try database.execute(sql: "ATTACH ? AS control", arguments: [path])
            try database.inTransaction {
                for copying in tables.compactMap(\.copying) { try database.execute(sql: copying) }
                return .commit
            }
            try database.execute(sql: "DETACH control")
            try database.execute(
                sql: """
                    CREATE TABLE staged_changes (
                        table_name TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (table_name, id)
                    ) WITHOUT ROWID
                    """)
            for table in tables {
                for trigger in table.triggers(firstIDs) { try database.execute(sql: trigger) }
                guard let first = firstIDs[table.name] else { continue }
                try database.execute(sql: "DELETE FROM sqlite_sequence WHERE name = ?", arguments: [table.name])
                try database.execute(
                    sql: "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", arguments: [table.name, first - 1])
            }
        }
    }

    /// Makes the change.
    /// - Returns: also the last id of each table that the change has taken.
    func change<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> (value: Value, lastIDs: [String: Int64]) {
        try await queue.write { [firstIDs] database in
            let value = try body(Database(database))
            var lastIDs: [String: Int64] = [:]
            for (table, first) in firstIDs {
                let last = try Int64.fetchOne(
                    database, sql: "SELECT seq FROM sqlite_sequence WHERE name = ?", arguments: [table])
                lastIDs[table] = last ?? first - 1
            }
            return (value, lastIDs)
        }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await queue.read { try body(Database($0)) }
    }

    /// The statements that bring the change into a store to which the file is attached as `staged`.
    func applying() async throws -> [String] {
        try await queue.read { [tables, firstIDs] database in
            try tables.flatMap { table in
                let columns = try String.fetchAll(
                    database, sql: "SELECT name FROM pragma_table_info(?) ORDER BY cid", arguments: [table.name])
                return table.applying(columns, firstIDs)
            }
        }
    }

    func close() throws { try queue.close() }

    func remove() {
        try? queue.close()
        for file in [path, "\(path)-journal"] { try? FileManager.default.removeItem(atPath: file) }
    }

    /// Removes what a crash has left beside a store.
    static func removeLeftovers(beside path: String) {
        let url = URL(fileURLWithPath: path)
        let folder = url.deletingLastPathComponent()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names where name.hasPrefix(url.lastPathComponent + suffix) {
            try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
        }
    }
}
