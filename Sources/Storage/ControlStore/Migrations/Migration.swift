/// One version of the schema, made of what rooms change in their tables.
public struct Migration: Sendable {
    /// What a store remembers it by.
    let name: String
    let changes: [SchemaChange]

    /// - Parameter changes: in their order: what refers to a table comes after it.
    public init(_ name: String, _ changes: SchemaChange...) {
        self.name = name
        self.changes = changes
    }

    func run(_ database: Database) throws {
        for change in changes { try change.run(database) }
    }
}

/// What a room changes in its own tables. One that was ever released is never edited: changes are new ones, in a new
/// ``Migration``.
public struct SchemaChange: Sendable {
    let run: @Sendable (Database) throws -> Void

    /// A change that looks at rows.
    public init(_ run: @escaping @Sendable (Database) throws -> Void) {
        self.run = run
    }

    /// A change that statements make. The types are `INTEGER` (64 bits), `REAL` (double), `TEXT` and `BLOB`.
    public init(script: String) {
        self.init { try $0.run(script: script) }
    }
}
