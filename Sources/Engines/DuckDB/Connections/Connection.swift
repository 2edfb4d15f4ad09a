import CDuckDB
import Synchronization

/// One session with a database.
///
/// One caller at a time: a connection may move between threads, but two must not use it at once. Only ``interrupt()``
/// and ``progress`` may be called while a statement runs. Every other call may block for as long as the statement
/// takes, so it belongs on a thread of its own: see ``ConnectionPool``.
public final class Connection: @unchecked Sendable {
    let handle: duckdb_connection
    private let database: Database
    /// Set by the pool when the task behind the running body is cancelled: unlike an interrupt, it also stops the
    /// statements that have not begun.
    private let isCancelled = Atomic<Bool>(false)
    /// The rows being streamed; the engine ends them when another statement begins.
    private weak var openRows: Rows?
    /// Whether SQL from outside ``transaction(_:)`` may have left a transaction open.
    var mayHaveOpenTransaction = false

    init(_ handle: duckdb_connection, of database: Database) {
        self.handle = handle
        self.database = database
    }

    deinit {
        var handle: duckdb_connection? = handle
        duckdb_disconnect(&handle)
    }

    /// Opens another connection to the same database.
    ///
    /// - Throws: ``DuckDBError`` when the database has failed for good.
    public func connectBeside() throws(DuckDBError) -> Connection { try database.connect() }

    /// Runs every statement of the text in turn, discarding their rows.
    ///
    /// - Throws: ``DuckDBError`` of the first statement that fails; those before it have happened.
    public func execute(_ sql: String) throws(DuckDBError) {
        let statements = try ExtractedStatements(sql, on: self)
        for index in 0..<statements.count { try statements.prepare(index).execute() }
    }

    /// Runs one statement with parameters.
    ///
    /// - Parameters:
    ///   - sql: One statement, with `?` or `$1` where the parameters go.
    ///   - parameters: The values, by position.
    /// - Returns: How many rows it inserted, changed or deleted; 0 for other statements.
    @discardableResult
    public func execute(_ sql: String, _ parameters: [Value]) throws(DuckDBError) -> Int {
        let statement = try prepare(sql)
        try statement.bind(parameters)
        return try statement.execute()
    }

    /// Runs one query. Its rows are computed as they are read: see ``Rows``.
    public func query(_ sql: String, _ parameters: [Value] = []) throws(DuckDBError) -> Rows {
        let statement = try prepare(sql)
        try statement.bind(parameters)
        return try statement.query()
    }

    /// Parses and plans one statement, to be run any number of times.
    public func prepare(_ sql: String) throws(DuckDBError) -> Statement {
        endOpenRows()
        var prepared: duckdb_prepared_statement?
        let state = duckdb_prepare(handle, sql, &prepared)
        return try Statement(prepared, state: state, on: self)
    }

    /// Stops the statement that is running, which then throws ``DuckDBError/Kind/interrupted``. Without one it does
    /// nothing. Any thread may call it.
    public func interrupt() {
        duckdb_interrupt(handle)
    }
}

extension Connection {
    /// Stops the running statement and refuses every later one until ``endCancellation()``.
    func cancel() {
        isCancelled.store(true, ordering: .sequentiallyConsistent)
        duckdb_interrupt(handle)
    }

    /// Lets statements run again.
    func endCancellation() {
        isCancelled.store(false, ordering: .sequentiallyConsistent)
    }

    /// To be called once the engine has cleared its own interrupt flag for a statement and before it runs: a
    /// cancellation that came earlier is seen here, one that comes later is seen by the engine.
    func checkCancellation() throws(DuckDBError) {
        if isCancelled.load(ordering: .sequentiallyConsistent) {
            throw DuckDBError(.interrupted, "INTERRUPT Error: Interrupted!")
        }
    }

    /// Closes rows that are still being streamed, since no statement may begin before.
    func endOpenRows() {
        openRows?.close()
    }

    /// Notes rows whose reading has begun.
    func begin(_ rows: Rows) {
        openRows = rows
    }

    /// Ends the query that the engine still holds as active, and with it its implicit transaction. The engine does so
    /// whenever it is given a text to prepare, but first works off the query's remaining tasks: only the interrupt makes
    /// them return at once instead of running to their end. Preparing clears the interrupt again.
    func endActiveQuery() {
        duckdb_interrupt(handle)
        var nothing: duckdb_prepared_statement?
        _ = duckdb_prepare(handle, "", &nothing)
        duckdb_destroy_prepare(&nothing)
    }

    /// Brings the connection back to rest after a body of unknown manners: no rows, no transaction, no cancellation.
    func reset() {
        endCancellation()
        endOpenRows()
        if mayHaveOpenTransaction {
            // Refused when none is open, which is as well.
            try? execute("ROLLBACK")
            mayHaveOpenTransaction = false
        }
    }
}
