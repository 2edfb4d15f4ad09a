/// What an engine does for ``Database``. Only the folder of an engine knows which one it is.
protocol Engine {
    /// Prepares a statement.
    /// - Parameter isKept: whether it stays prepared from one use to the next.
    func prepare(_ sql: String, isKept: Bool) throws -> any EngineStatement

    /// Runs several statements that have no arguments.
    func run(_ script: String) throws

    /// The id that the last row to be added to a table has got, where the table gives them out.
    var lastInsertedID: Int64 { get }

    /// Undoes what the body has done when it throws, and nothing that was done before.
    func savepoint(_ body: () throws -> Void) throws

    /// Calls the body once the transaction is committed, and never when it is undone.
    func afterCommit(_ body: @escaping @Sendable () -> Void)
}

/// A statement that an engine has prepared.
protocol EngineStatement {
    /// - Returns: how many rows it has added, changed or removed.
    func execute(_ arguments: Arguments) throws -> Int
    func row(_ arguments: Arguments) throws -> Row?
    func rows(_ arguments: Arguments) throws -> [Row]
    /// The first column of the first row.
    func value(_ arguments: Arguments) throws -> SQLValue?
    /// The first column of every row.
    func values(_ arguments: Arguments) throws -> [SQLValue]
    func cursor(_ arguments: Arguments) throws -> any EngineRows
}

/// The rows of a running statement.
protocol EngineRows {
    func next() throws -> Row?
}
