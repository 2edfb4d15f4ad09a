package import GRDB
import Logging

/// A stored value that is not what its column holds: the file was damaged, or edited by hand.
package struct UnreadableColumn: Error, CustomStringConvertible {
    /// The name of the column, or its place among those that were asked for.
    package let column: String
    /// The type that was asked for.
    package let type: String

    init(_ column: String, _ type: Any.Type) {
        self.column = column
        self.type = "\(type)"
    }

    /// Says nothing of the row's values, as GRDB's own error does: those may be secrets, or somebody's data.
    package var description: String { "the stored \(column) is no \(type)" }
}

/// Reading values of rows. GRDB's subscripts end the process where a value is of another type, these throw.
extension Row {
    /// - Throws: ``UnreadableColumn``.
    package func read<Value: DatabaseValueConvertible>(
        _ column: String, as type: Value.Type = Value.self
    ) throws -> Value {
        do { return try decode(type, forColumn: column) } catch { throw UnreadableColumn(column, type) }
    }

    /// The same without a detour for what SQLite itself holds.
    /// - Throws: ``UnreadableColumn``.
    package func read<Value: DatabaseValueConvertible & StatementColumnConvertible>(
        _ column: String, as type: Value.Type = Value.self
    ) throws -> Value {
        do { return try decode(type, forColumn: column) } catch { throw UnreadableColumn(column, type) }
    }

    /// By its place, which saves searching for the name.
    /// - Parameter index: that of a column that the statement has.
    /// - Throws: ``UnreadableColumn``.
    package func read<Value: DatabaseValueConvertible>(
        at index: Int, as type: Value.Type = Value.self
    ) throws -> Value {
        do { return try decode(type, atIndex: index) } catch { throw UnreadableColumn("column \(index)", type) }
    }

    /// The same without a detour for what SQLite itself holds.
    /// - Throws: ``UnreadableColumn``.
    package func read<Value: DatabaseValueConvertible & StatementColumnConvertible>(
        at index: Int, as type: Value.Type = Value.self
    ) throws -> Value {
        do { return try decode(type, atIndex: index) } catch { throw UnreadableColumn("column \(index)", type) }
    }
}

extension [Row] {
    /// What can be read of them, where one that cannot must not hide the others: such a row is logged and left out.
    /// - Parameters:
    ///   - kind: what a row is, in the log.
    ///   - read: nil for a row that is to be left out without a word.
    package func readable<Value>(_ kind: String, _ read: (Row) throws -> Value?) -> [Value] {
        compactMap { row in
            do {
                return try read(row)
            } catch {
                Logger(label: "sextant").error(
                    "left out a row that cannot be read", metadata: ["kind": "\(kind)", "reason": "\(error)"])
                return nil
            }
        }
    }
}
