/// The server's relational memory: configuration, profiles, catalogue, content and jobs.
///
/// Opening it brings the schema up to date. Each capability room keeps its own queries and runs them in ``read(_:)`` and
/// ``write(_:)``. A committed write is on disk when it returns. Neither blocks Swift's cooperative threads.
public final class ControlStore: Sendable {
    let file: SQLiteFile
    let stagingTurns = HolderTurns()
    private let longReadingTurns = HolderTurns()

    /// Opens the file at `path`, creates it when it is missing, and migrates it.
    /// - Parameter migrations: what the schema is made of, oldest first.
    /// - Throws: ``ControlStoreError``. Blocks while it works, so call it from the composition root only.
    public init(path: String, migrations: [Migration]) throws {
        file = try SQLiteFile(path: path, migrations: migrations)
    }

    /// Reads in one transaction, which sees what was committed before it.
    /// - Throws: ``StoreError``, and what the body throws.
    public func read<Value: Sendable>(
        _ body: @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await file.read(body)
    }

    /// Writes in one transaction, which counts once it is on disk; when the body throws, nothing of it has happened. One
    /// writes at a time.
    /// - Throws: ``StoreError``, and what the body throws.
    @discardableResult
    public func write<Value: Sendable>(
        _ body: @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await file.write(body)
    }

    /// The same on the thread that calls, which it blocks: for tests that prepare a store.
    @discardableResult
    package func blockingWrite<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try file.blockingWrite(body)
    }

    /// Reads for long: one at a time, by turns of the holders, so that others have connections left.
    /// - Parameter holder: the account that it is read for.
    package func readAtLength<Value: Sendable>(
        holder: Int64, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await longReadingTurns.run(holder) { try await read(body) }
    }

    /// Copies everything that is committed into a new file, while others go on.
    /// - Throws: ``StoreError``. Blocks while it works.
    public func copy(to path: String) throws {
        try file.copy(to: path)
    }

    /// A connection of its own, which reads only.
    /// - Throws: ``StoreError``.
    public func makeReader() throws -> ControlReader {
        try file.makeReader()
    }

    /// Takes deleted rows off the disk.
    /// - Throws: ``StoreError`` when readers keep what they see in use for ten seconds; worth another try.
    public func erase() async throws {
        try await file.erase()
    }

    /// Closes the connections. Nothing may use the store afterwards.
    public func close() throws {
        try file.close()
    }
}
