/// The tables as one transaction sees them: what ``ControlStore/read(_:)`` and ``ControlStore/write(_:)`` give.
///
/// Statements are SQL that engines have in common: parameters `?`, `?1` or `:name`, `ON CONFLICT`, `RETURNING`, and the
/// functions `ifnull`, `iif`, `instr`, `min` and `max` of several values. For what each writes in its own way there are
/// the pieces of ``SQL``. It belongs to its transaction and may not leave it.
public struct Database {
    let engine: any Engine

    // MARK: - Once

    /// Runs a statement.
    /// - Returns: how many rows it has added, changed or removed.
    @discardableResult
    public func execute(sql: String, arguments: Arguments = Arguments()) throws -> Int {
        try prepare(once: sql).execute(arguments: arguments)
    }

    /// All rows.
    public func rows(sql: String, arguments: Arguments = Arguments()) throws -> [Row] {
        try prepare(once: sql).rows(arguments: arguments)
    }

    /// The first row; nil when there is none.
    public func row(sql: String, arguments: Arguments = Arguments()) throws -> Row? {
        try prepare(once: sql).row(arguments: arguments)
    }

    /// The first column of the first row; nil when there is no row, or NULL.
    public func value<Value: StoredValue>(
        _ type: Value.Type, sql: String, arguments: Arguments = Arguments()
    ) throws -> Value? {
        try prepare(once: sql).value(type, arguments: arguments)
    }

    /// The first column of every row.
    public func values<Value: StoredValue>(
        _ type: Value.Type, sql: String, arguments: Arguments = Arguments()
    ) throws -> [Value] {
        try prepare(once: sql).values(type, arguments: arguments)
    }

    /// The rows one after the other, however many there are.
    public func cursor(sql: String, arguments: Arguments = Arguments()) throws -> RowCursor {
        try prepare(once: sql).cursor(arguments: arguments)
    }

    /// Runs several statements without arguments: the schema's.
    public func run(script: String) throws {
        try engine.run(script)
    }

    // MARK: - Often

    // Statements whose text is always the same stay prepared from one use to the next: preparing takes longer than
    // running them. Nothing that is put together from what clients send belongs here, as every text is kept.

    /// A statement that stays prepared.
    public func prepare(_ sql: String) throws -> Statement {
        Statement(engine: try engine.prepare(sql, isKept: true))
    }

    /// The same as ``execute(sql:arguments:)``, kept prepared.
    @discardableResult
    public func execute(prepared sql: String, arguments: Arguments = Arguments()) throws -> Int {
        try prepare(sql).execute(arguments: arguments)
    }

    /// The same as ``rows(sql:arguments:)``, kept prepared.
    public func rows(prepared sql: String, arguments: Arguments = Arguments()) throws -> [Row] {
        try prepare(sql).rows(arguments: arguments)
    }

    /// The same as ``row(sql:arguments:)``, kept prepared.
    public func row(prepared sql: String, arguments: Arguments = Arguments()) throws -> Row? {
        try prepare(sql).row(arguments: arguments)
    }

    /// The same as ``value(_:sql:arguments:)``, kept prepared.
    public func value<Value: StoredValue>(
        _ type: Value.Type, prepared sql: String, arguments: Arguments = Arguments()
    ) throws -> Value? {
        try prepare(sql).value(type, arguments: arguments)
    }

    /// The same as ``values(_:sql:arguments:)``, kept prepared.
    public func values<Value: StoredValue>(
        _ type: Value.Type, prepared sql: String, arguments: Arguments = Arguments()
    ) throws -> [Value] {
        try prepare(sql).values(type, arguments: arguments)
    }

    /// The same as ``cursor(sql:arguments:)``, kept prepared: to be read to its end before the statement is used again.
    public func cursor(prepared sql: String, arguments: Arguments = Arguments()) throws -> RowCursor {
        try prepare(sql).cursor(arguments: arguments)
    }

    // MARK: - Adding

    /// Adds one row to a table that gives out ids.
    /// - Returns: the row's id.
    public func insert(sql: String, arguments: Arguments) throws -> Int64 {
        try execute(sql: sql, arguments: arguments)
        return engine.lastInsertedID
    }

    /// The same, kept prepared.
    public func insert(prepared sql: String, arguments: Arguments) throws -> Int64 {
        try execute(prepared: sql, arguments: arguments)
        return engine.lastInsertedID
    }

    /// Stores a row that belongs to another one by a foreign key. What it belongs to may be gone by now: then it is
    /// nobody's, and is not stored. Kept prepared.
    /// - Returns: how many rows were stored; nil when there is nothing that they belong to.
    @discardableResult
    public func executeUnlessOrphaned(sql: String, arguments: Arguments) throws -> Int? {
        do {
            return try execute(prepared: sql, arguments: arguments)
        } catch StoreError.orphaned {
            return nil
        }
    }

    // MARK: - The transaction

    /// Undoes what the body has done when it throws, and nothing that was done before.
    public func savepoint(_ body: () throws -> Void) throws {
        try engine.savepoint(body)
    }

    /// Calls the body once the transaction is committed, and never when it is undone.
    public func afterCommit(_ body: @escaping @Sendable () -> Void) {
        engine.afterCommit(body)
    }

    private func prepare(once sql: String) throws -> Statement {
        Statement(engine: try engine.prepare(sql, isKept: false))
    }
}
