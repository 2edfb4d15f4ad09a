/// A row of what a statement has found.
public struct Row {
    let values: any EngineRow

    /// A column that is not there reads as NULL.
    /// - Throws: ``UnreadableColumn``.
    public func read<Value: StoredValue>(_ column: String, as type: Value.Type = Value.self) throws -> Value {
        guard let value = Value(values.value(named: column) ?? .null) else { throw UnreadableColumn(column, type) }
        return value
    }

    /// By its place, which saves searching for the name.
    /// - Parameter index: from 0.
    /// - Throws: ``UnreadableColumn``.
    public func read<Value: StoredValue>(at index: Int, as type: Value.Type = Value.self) throws -> Value {
        guard let value = Value(values.value(at: index) ?? .null) else {
            throw UnreadableColumn("column \(index)", type)
        }
        return value
    }

    /// The columns and their values, in the statement's order.
    public var columns: [(name: String, value: SQLValue)] { values.all }
}

/// A stored value that is not what its column holds: the file was damaged, or edited by hand.
public struct UnreadableColumn: Error, CustomStringConvertible {
    /// The name of the column, or its place among those that were asked for.
    public let column: String
    /// The type that was asked for.
    public let type: String

    init(_ column: String, _ type: Any.Type) {
        self.column = column
        self.type = "\(type)"
    }

    /// Says nothing of the row's values: those may be secrets, or somebody's data.
    public var description: String { "the stored \(column) is no \(type)" }
}

extension [Row] {
    /// What can be read of them, where one that cannot must not hide the others: such a row is left out, and told of once
    /// by ``UnreadableRows``.
    /// - Parameters:
    ///   - kind: what a row is, in the log.
    ///   - read: nil for a row that is to be left out without a word.
    package func readable<Value>(_ kind: String, _ read: (Row) throws -> Value?) -> [Value] {
        compactMap { row in
            do {
                return try read(row)
            } catch {
                UnreadableRows.note(row, kind: kind, error)
                return nil
            }
        }
    }
}

/// Rows one after the other, however many there are. The next one ends what was read of the last.
public struct RowCursor {
    let rows: any EngineRows

    /// Nil after the last.
    public func next() throws -> Row? { try rows.next() }
}
