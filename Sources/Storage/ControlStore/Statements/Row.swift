/// A row of what a statement has found.
public struct Row {
    /// The names of the columns, in the statement's order.
    let names: [String]
    /// A value for each of them.
    let values: [SQLValue]

    /// A column that is not there reads as NULL.
    /// - Throws: ``UnreadableColumn``.
    public func read<Value: StoredValue>(_ column: String, as type: Value.Type = Value.self) throws -> Value {
        let index = names.firstIndex(of: column)
        guard let value = Value(index.map { values[$0] } ?? .null) else { throw UnreadableColumn(column, type) }
        return value
    }

    /// By its place, which saves searching for the name.
    /// - Parameter index: from 0.
    /// - Throws: ``UnreadableColumn``.
    public func read<Value: StoredValue>(at index: Int, as type: Value.Type = Value.self) throws -> Value {
        guard let value = Value(values.indices.contains(index) ? values[index] : .null) else {
            throw UnreadableColumn("column \(index)", type)
        }
        return value
    }

    /// The columns and their values, in the statement's order.
    public var columns: [(name: String, value: SQLValue)] {
        zip(names, values).map { (name: $0, value: $1) }
    }
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

extension Row {
    /// Values of a list that goes on by ids. One that cannot be read is made up for by those behind it: so a page that is not
    /// full is the last one.
    /// - Parameters:
    ///   - kind: what a row is, in the log.
    ///   - id: of the last row of the page before.
    ///   - limit: values at most.
    ///   - read: nil for a row that is to be left out without a word.
    ///   - rows: those behind an id, at most as many as said, each with its `id`.
    package static func page<Value>(
        of kind: String, behind id: Int64, limit: Int, as read: (Row) throws -> Value?,
        rows: (_ id: Int64, _ limit: Int) throws -> [Row]
    ) throws -> [Value] {
        var (values, id) = ([Value](), id)
        while values.count < limit {
            let wanted = limit - values.count
            let found = try rows(id, wanted)
            values += found.readable(kind, read)
            guard found.count == wanted, let last = found.last else { break }
            id = try last.read("id")
        }
        return values
    }
}

/// Rows one after the other, however many there are.
public struct RowCursor {
    let rows: any EngineRows

    /// Nil after the last.
    public func next() throws -> Row? { try rows.next() }
}
