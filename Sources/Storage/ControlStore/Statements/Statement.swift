/// A prepared statement, for who runs it many times in one transaction.
public struct Statement {
    let engine: any EngineStatement

    /// - Returns: how many rows it has added, changed or removed.
    @discardableResult
    public func execute(arguments: Arguments = Arguments()) throws -> Int {
        try engine.execute(arguments)
    }

    /// All rows.
    public func rows(arguments: Arguments = Arguments()) throws -> [Row] {
        try engine.rows(arguments)
    }

    /// The first row; nil when there is none.
    public func row(arguments: Arguments = Arguments()) throws -> Row? {
        try engine.row(arguments)
    }

    /// The first column of the first row; nil when there is no row, or NULL.
    /// - Throws: ``UnreadableColumn`` when it is of another kind.
    public func value<Value: StoredValue>(_ type: Value.Type, arguments: Arguments = Arguments()) throws -> Value? {
        try engine.value(arguments).flatMap { try Self.read($0, as: Value?.self) }
    }

    /// The first column of every row.
    /// - Throws: ``UnreadableColumn`` when one is of another kind, or NULL.
    public func values<Value: StoredValue>(_ type: Value.Type, arguments: Arguments = Arguments()) throws -> [Value] {
        try engine.values(arguments).map { try Self.read($0, as: type) }
    }

    /// The rows one after the other: to be read to their end before the statement is run again.
    public func cursor(arguments: Arguments = Arguments()) throws -> RowCursor {
        RowCursor(rows: try engine.cursor(arguments))
    }

    private static func read<Value: StoredValue>(_ stored: SQLValue, as type: Value.Type) throws -> Value {
        guard let value = Value(stored) else { throw UnreadableColumn("column 0", type) }
        return value
    }
}
