import Foundation
import GRDB

/// SQLite as GRDB gives it.
struct SQLiteEngine: Engine {
    let database: GRDB.Database

    func prepare(_ sql: String, isKept: Bool) throws -> any EngineStatement {
        try reporting {
            SQLiteStatement(
                statement: try isKept
                    ? database.cachedStatement(sql: sql) : database.makeStatement(sql: sql), database: database)
        }
    }

    func run(_ script: String) throws {
        try reporting { try database.execute(sql: script) }
    }

    var lastInsertedID: Int64 { database.lastInsertedRowID }

    func savepoint(_ body: () throws -> Void) throws {
        // What the body throws is not the engine's.
        var thrown: (any Error)?
        do {
            try reporting {
                try database.inSavepoint {
                    do {
                        try body()
                        return .commit
                    } catch {
                        thrown = error
                        return .rollback
                    }
                }
            }
        } catch {
            // On a full disk SQLite may have given the whole transaction up: then the savepoint is gone with it.
            throw thrown ?? error
        }
        if let thrown { throw thrown }
    }

    func afterCommit(_ body: @escaping @Sendable () -> Void) {
        database.afterNextTransaction { _ in body() }
    }
}

private struct SQLiteStatement: EngineStatement {
    let statement: GRDB.Statement
    let database: GRDB.Database

    func execute(_ arguments: Arguments) throws -> Int {
        try reporting {
            try statement.execute(arguments: arguments.forSQLite)
            return database.changesCount
        }
    }

    func row(_ arguments: Arguments) throws -> Row? {
        try reporting { try GRDB.Row.fetchOne(statement, arguments: arguments.forSQLite).map(Row.init(values:)) }
    }

    func value(_ arguments: Arguments) throws -> SQLValue? {
        try reporting { try DatabaseValue.fetchOne(statement, arguments: arguments.forSQLite).map(SQLValue.init) }
    }

    func values(_ arguments: Arguments) throws -> [SQLValue] {
        try reporting { try DatabaseValue.fetchAll(statement, arguments: arguments.forSQLite).map(SQLValue.init) }
    }

    func rows(_ arguments: Arguments) throws -> [Row] {
        try reporting { try GRDB.Row.fetchAll(statement, arguments: arguments.forSQLite).map(Row.init(values:)) }
    }

    func cursor(_ arguments: Arguments) throws -> any EngineRows {
        try reporting { SQLiteRows(cursor: try GRDB.Row.fetchCursor(statement, arguments: arguments.forSQLite)) }
    }
}

private struct SQLiteRows: EngineRows {
    let cursor: GRDB.RowCursor

    func next() throws -> Row? {
        try reporting { try cursor.next().map(Row.init(values:)) }
    }
}

extension GRDB.Row: EngineRow {
    func value(named column: String) -> SQLValue? {
        (try? decode(DatabaseValue.self, forColumn: column)).map(SQLValue.init)
    }

    func value(at index: Int) -> SQLValue? {
        guard index >= 0, index < count else { return nil }
        return (try? decode(DatabaseValue.self, atIndex: index)).map(SQLValue.init)
    }

    var all: [(name: String, value: SQLValue)] { map { (name: $0.0, value: SQLValue($0.1)) } }
}

extension Arguments {
    fileprivate var forSQLite: StatementArguments {
        // Of several ways this is the one on which GRDB makes no key path for each value.
        let positional = StatementArguments(values.map { $0.forSQLite as (any DatabaseValueConvertible)? })
        return named.isEmpty ? positional : positional + StatementArguments(named.mapValues(\.forSQLite))
    }
}

extension SQLValue {
    fileprivate init(_ value: DatabaseValue) {
        self =
            switch value.storage {
            case .null: .null
            case .int64(let number): .integer(number)
            case .double(let number): .real(number)
            case .string(let text): .text(text)
            case .blob(let data): .bytes(data)
            }
    }

    fileprivate var forSQLite: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .real(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .bytes(let data): data.databaseValue
        }
    }
}

/// Turns what GRDB throws into errors of the store.
func reporting<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as DatabaseError { throw StoreError(error) }
}

/// The same for what is done on another thread. Who is cancelled is told so, whatever SQLite says of it.
func reportingLater<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
    do {
        return try await body()
    } catch let error as DatabaseError {
        throw StoreError(error)
    } catch StoreError.trouble where Task.isCancelled {
        throw CancellationError()
    }
}

extension Database {
    /// A transaction of GRDB's.
    init(_ database: GRDB.Database) {
        engine = SQLiteEngine(database: database)
    }
}

extension StoreError {
    private static let troubles: [ResultCode] = [
        .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_NOMEM, .SQLITE_READONLY, .SQLITE_INTERRUPT, .SQLITE_IOERR,
        .SQLITE_CORRUPT, .SQLITE_FULL, .SQLITE_CANTOPEN, .SQLITE_PROTOCOL, .SQLITE_AUTH, .SQLITE_NOTADB,
        .SQLITE_ABORT,
    ]

    init(_ error: DatabaseError) {
        self =
            if error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY {
                .orphaned
            } else if Self.troubles.contains(error.resultCode) {
                .trouble(reason: "\(error)")
            } else {
                .refused(reason: "\(error)")
            }
    }
}
