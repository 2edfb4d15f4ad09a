/// A table that a staged change looks at or writes to. Tables are listed after those that they refer to.
package struct StagedTable: Sendable {
    /// How rows are told apart, and what may become of them. None may be deleted that was there before.
    package enum Rows: Sendable {
        /// They are only looked at.
        case seen
        /// They have an `id` that the table gives out, and may be added and changed.
        case numbered
        /// They are parts of the row of another table that a column names; all parts of one row are replaced together.
        case parts(of: String, column: String)
    }

    let name: String
    let rows: Rows
    /// Which rows the change sees, as an SQL condition; nil for none. Parts are seen with what they are parts of.
    let condition: String?

    package init(_ name: String, _ rows: Rows, where condition: String? = nil) {
        self.name = name
        self.rows = rows
        self.condition = condition
    }

    var isNumbered: Bool {
        if case .numbered = rows { true } else { false }
    }

    /// What copies the rows that the change sees out of the store.
    var copying: String? {
        let condition =
            switch rows {
            case .seen, .numbered: self.condition
            case .parts(let whole, let column): "\(column) IN (SELECT id FROM main.\(whole))"
            }
        return condition.map { "INSERT INTO main.\(name) SELECT * FROM control.\(name) WHERE \($0)" }
    }

    /// What notes which of the rows that were there have changed.
    /// - Parameter firstIDs: where new rows begin, by the name of the table.
    func triggers(_ firstIDs: [String: Int64]) -> [String] {
        func trigger(_ event: String, _ row: String, _ table: String, _ column: String) -> String {
            """
            CREATE TRIGGER staged_\(event)_\(name) AFTER \(event) ON \(name) WHEN \(row).\(column) < \(firstIDs[table] ?? 0)
            BEGIN INSERT OR IGNORE INTO staged_changes VALUES ('\(name)', \(row).\(column)); END
            """
        }
        switch rows {
        case .seen: return []
        case .numbered: return [trigger("UPDATE", "old", name, "id")]
        case .parts(let whole, let column):
            return [trigger("INSERT", "new", whole, column), trigger("DELETE", "old", whole, column)]
        }
    }

    /// What brings the change into the store.
    /// - Parameter columns: those of the table.
    func applying(_ columns: [String], _ firstIDs: [String: Int64]) -> [String] {
        let list = columns.joined(separator: ", ")
        let changed = "(SELECT id FROM staged.staged_changes WHERE table_name = '\(name)')"
        let adding = "INSERT INTO main.\(name) (\(list)) SELECT \(list) FROM staged.\(name)"
        switch rows {
        case .seen: return []
        case .numbered:
            let values = columns.filter { $0 != "id" }.map { "\($0) = new.\($0)" }.joined(separator: ", ")
            return [
                "UPDATE main.\(name) SET \(values) FROM staged.\(name) AS new "
                    + "WHERE new.id = \(name).id AND \(name).id IN \(changed)",
                "\(adding) WHERE id >= \(firstIDs[name] ?? 0) ORDER BY id",
            ]
        case .parts(let whole, let column):
            return [
                "DELETE FROM main.\(name) WHERE \(column) IN \(changed)",
                "\(adding) WHERE \(column) >= \(firstIDs[whole] ?? 0) OR \(column) IN \(changed)",
            ]
        }
    }
}
