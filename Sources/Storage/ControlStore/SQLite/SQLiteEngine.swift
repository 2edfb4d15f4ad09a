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
