package import GRDB

/// Statements whose text is always the same stay prepared from one use to the next: preparing takes longer than running
/// them.
extension Database {
    /// Runs a statement that returns nothing.
    /// - Parameter sql: nothing that is put together from what clients send; every text is kept.
    package func execute(prepared sql: String, arguments: StatementArguments = StatementArguments()) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
}

extension Row {
    package static func fetchOne(
        _ database: Database, prepared sql: String, arguments: StatementArguments = StatementArguments()
    ) throws -> Row? {
        try fetchOne(database.cachedStatement(sql: sql), arguments: arguments)
    }

    package static func fetchAll(
        _ database: Database, prepared sql: String, arguments: StatementArguments = StatementArguments()
    ) throws -> [Row] {
        try fetchAll(database.cachedStatement(sql: sql), arguments: arguments)
    }

    /// The cursor is to be read to its end before the statement is used again.
    package static func fetchCursor(
        _ database: Database, prepared sql: String, arguments: StatementArguments = StatementArguments()
    ) throws -> RowCursor {
        try fetchCursor(database.cachedStatement(sql: sql), arguments: arguments)
    }
}

extension DatabaseValueConvertible where Self: StatementColumnConvertible {
    package static func fetchOne(
        _ database: Database, prepared sql: String, arguments: StatementArguments = StatementArguments()
    ) throws -> Self? {
        try fetchOne(database.cachedStatement(sql: sql), arguments: arguments)
    }

    package static func fetchAll(
        _ database: Database, prepared sql: String, arguments: StatementArguments = StatementArguments()
    ) throws -> [Self] {
        try fetchAll(database.cachedStatement(sql: sql), arguments: arguments)
    }
}
