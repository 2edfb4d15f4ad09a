import Foundation
import GRDB
import GRDBSQLite

/// A statement that GRDB has prepared, and runs, so that who watches tables learns of what it changes.
///
/// Values go to SQLite and come from it by its own functions. On the way through GRDB each passes through several arrays
/// and checks, which together take longer than SQLite takes to store a row.
struct SQLiteStatement: EngineStatement {
    let statement: GRDB.Statement
    let database: GRDB.Database

    func execute(_ arguments: Arguments) throws -> Int {
        try reporting {
            try bind(arguments)
            defer { forget() }
            try statement.execute()
            return database.changesCount
        }
    }

    func row(_ arguments: Arguments) throws -> Row? {
        try reading(arguments) { rows in try rows.next() }
    }

    func rows(_ arguments: Arguments) throws -> [Row] {
        try reading(arguments) { rows in
            var all: [Row] = []
            while let row = try rows.next() { all.append(row) }
            return all
        }
    }

    func value(_ arguments: Arguments) throws -> SQLValue? {
        try reading(arguments) { rows in try rows.nextValue() }
    }

    func values(_ arguments: Arguments) throws -> [SQLValue] {
        try reading(arguments) { rows in
            var all: [SQLValue] = []
            while let value = try rows.nextValue() { all.append(value) }
            return all
        }
    }

    func cursor(_ arguments: Arguments) throws -> any EngineRows {
        try reporting {
            try bind(arguments)
            return try SQLiteRows(statement)
        }
    }

    private func reading<Found>(_ arguments: Arguments, _ body: (SQLiteRows) throws -> Found) throws -> Found {
        try reporting {
            try bind(arguments)
            defer { forget() }
            return try body(SQLiteRows(statement))
        }
    }

    /// Gives each parameter its value: by name, else the next of those that have none.
    /// - Throws: when there are fewer values than parameters, or more.
    private func bind(_ arguments: Arguments) throws {
        // One that failed says so again when it is reset, which GRDB would take for a mistake of its own, and end the process.
        sqlite3_reset(statement.sqliteStatement)
        // Takes back what is bound, and has GRDB leave the parameters alone.
        statement.setUncheckedArguments(StatementArguments())
        var rest = arguments.values[...]
        for parameter in 0..<sqlite3_bind_parameter_count(statement.sqliteStatement) {
            guard let value = named(parameter + 1, in: arguments) ?? rest.popFirst() else {
                throw misuse("parameter \(parameter + 1) has no value")
            }
            let code = value.bind(to: statement.sqliteStatement, at: parameter + 1)
            guard code == SQLITE_OK else {
                throw DatabaseError(resultCode: ResultCode(rawValue: code), sql: statement.sql)
            }
        }
        if !rest.isEmpty { throw misuse("\(rest.count) values have no parameter") }
    }

    private func named(_ parameter: CInt, in arguments: Arguments) -> SQLValue? {
        if arguments.named.isEmpty { return nil }
        guard let name = sqlite3_bind_parameter_name(statement.sqliteStatement, parameter) else { return nil }
        // It begins with a colon.
        return arguments.named[String(cString: name + 1)]
    }

    private func misuse(_ message: String) -> DatabaseError {
        DatabaseError(resultCode: .SQLITE_MISUSE, message: message, sql: statement.sql)
    }

    /// Values may be large, and the statement may be kept.
    private func forget() { sqlite3_clear_bindings(statement.sqliteStatement) }
}

/// The rows of a statement that GRDB goes through.
private struct SQLiteRows: EngineRows {
    private let statement: GRDB.Statement
    private let cursor: GRDB.RowCursor
    private let names: [String]

    init(_ statement: GRDB.Statement) throws {
        self.statement = statement
        cursor = try GRDB.Row.fetchCursor(statement)
        names = statement.columnNames
    }

    func next() throws -> Row? {
        try reporting {
            guard try cursor.next() != nil else { return nil }
            return Row(names: names, values: names.indices.map { SQLValue(statement.sqliteStatement, column: $0) })
        }
    }

    /// The first column of the next row.
    func nextValue() throws -> SQLValue? {
        try reporting { try cursor.next() == nil ? nil : SQLValue(statement.sqliteStatement, column: 0) }
    }
}

extension SQLValue {
    /// - Parameter statement: one that has found a row.
    fileprivate init(_ statement: OpaquePointer, column: Int) {
        let column = CInt(column)
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: self = .integer(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: self = .real(sqlite3_column_double(statement, column))
        case SQLITE_TEXT:
            let start = sqlite3_column_text(statement, column)
            let count = start == nil ? 0 : Int(sqlite3_column_bytes(statement, column))
            self = .text(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let start = sqlite3_column_blob(statement, column)
            let count = Int(sqlite3_column_bytes(statement, column))
            self = .bytes(start.map { Data(bytes: $0, count: count) } ?? Data())
        default: self = .null
        }
    }

    /// - Returns: SQLite's result code.
    fileprivate func bind(to statement: OpaquePointer, at parameter: CInt) -> CInt {
        switch self {
        case .null: return sqlite3_bind_null(statement, parameter)
        case .integer(let number): return sqlite3_bind_int64(statement, parameter, number)
        case .real(let number): return sqlite3_bind_double(statement, parameter, number)
        case .text(var text):
            return text.withUTF8 { bytes in
                // Without an address it would be NULL.
                guard let start = bytes.baseAddress else {
                    return sqlite3_bind_text(statement, parameter, "", 0, Self.copied)
                }
                return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                    sqlite3_bind_text64(
                        statement, parameter, $0, UInt64(bytes.count), Self.copied, UInt8(SQLITE_UTF8))
                }
            }
        case .bytes(let data):
            return data.withUnsafeBytes { bytes in
                guard let start = bytes.baseAddress else { return sqlite3_bind_zeroblob(statement, parameter, 0) }
                return sqlite3_bind_blob64(statement, parameter, start, UInt64(bytes.count), Self.copied)
            }
        }
    }

    /// Has SQLite take a copy (`SQLITE_TRANSIENT`).
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}
