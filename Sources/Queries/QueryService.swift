import DuckDB
public import EventStore

/// Runs read-only SQL over the events of one environment.
///
/// Each query has a session of its own, in which `events` is that environment's view: two queries share nothing but the
/// engine's memory and threads. See ``EventsView`` for what they see and `QueryGuard` for what they may do.
public struct QueryService: Sendable {
    private let store: EventStore
    private let workingDirectory: String
    private let limits: QueryLimits
    private let slots: QuerySlots

    /// - Parameters:
    ///   - store: the events.
    ///   - workingDirectory: a folder for the files of Parquet results; made when it is missing.
    ///   - limits: what queries may take.
    public init(store: EventStore, workingDirectory: String, limits: QueryLimits = QueryLimits()) {
        self.store = store
        self.workingDirectory = workingDirectory
        self.limits = limits
        slots = QuerySlots(count: limits.concurrentQueries)
    }

    /// Runs a query.
    ///
    /// - Parameters:
    ///   - sql: one SELECT statement over `events`, at most ``QueryLimits/textBytes`` long.
    ///   - environmentID: whose events.
    ///   - maxRows: rows at most, 1 to ``QueryLimits/maximumRows``; numbers outside are brought to the nearest end.
    ///   - timeoutSeconds: how long it may run, 1 to ``QueryLimits/maximumSeconds``; likewise.
    ///   - format: the form of the result.
    /// - Throws: ``QueryError``; `CancellationError` when the task is cancelled, which stops the query.
    public func run(
        sql: String, environmentID: Int64, maxRows: Int, timeoutSeconds: Int, format: QueryFormat
    ) async throws -> QueryResult {
        let maxRows = min(max(maxRows, 1), QueryLimits.maximumRows)
        let seconds = min(max(timeoutSeconds, 1), QueryLimits.maximumSeconds)
        try await slots.take(waiting: limits.waitingSeconds)
        defer { slots.giveBack() }
        let session = try store.makeSession()
        return try await session.run { connection in
            let parquet = format == .parquet ? try ParquetResult(in: workingDirectory, limits: limits) : nil
            let watchdog = QueryWatchdog(
                over: connection, seconds: seconds, memoryGrowth: limits.memoryGrowthBytes,
                file: parquet.map { ($0.path, limits.resultBytes) })
            defer { watchdog.stop() }
            do {
                try prepare(connection, environmentID: environmentID)
                let query = try QueryGuard(connection: connection).check(sql)
                let columns = try ResultColumn.columns(of: query, on: connection)
                return switch format {
                case .json: try write(JSONResultText(columns), columns, query, maxRows, connection)
                case .csv: try write(CSVResultText(columns), columns, query, maxRows, connection)
                case .parquet:
                    try parquet?.write(query, columns: columns, maxRows: maxRows, on: connection)
                        ?? QueryResult(bytes: [], rowCount: 0, isTruncated: false)
                }
            } catch let error as DuckDBError {
                throw translated(error, stopped: watchdog.reason, seconds: seconds)
            }
        }
    }

    private func prepare(_ connection: Connection, environmentID: Int64) throws(DuckDBError) {
        // Where the engine knows no time zones, there is none but UTC.
        try? connection.execute("SET TimeZone = 'UTC'")
        try connection.execute(EventsView.createStatement(environmentID: environmentID))
    }

    private func write(
        _ text: some ResultText, _ columns: [ResultColumn], _ query: String, _ maxRows: Int, _ connection: Connection
    ) throws -> QueryResult {
        var text = text
        var count = 0
        let rows = try connection.query(columns.textQuery(query, limit: maxRows + 1))
        while let chunk = try rows.next() {
            let taken = min(chunk.count, maxRows - count)
            for row in 0..<taken {
                try text.write(chunk, row)
                guard text.byteCount <= limits.resultBytes else {
                    throw QueryError.tooLarge(limitBytes: limits.resultBytes)
                }
            }
            count += taken
            if taken < chunk.count {
                return QueryResult(
                    bytes: text.finish(rowCount: count, isTruncated: true), rowCount: count, isTruncated: true)
            }
        }
        return QueryResult(
            bytes: text.finish(rowCount: count, isTruncated: false), rowCount: count, isTruncated: false)
    }

    /// What an error of the engine means to who asked; errors of the server stay as they are.
    private func translated(
        _ error: DuckDBError, stopped reason: QueryWatchdog.Reason?, seconds: Int
    ) -> any Error {
        switch error.kind {
        case .interrupted:
            switch reason {
            case .time: QueryError.timedOut(seconds: seconds)
            case .memory: QueryError.outOfMemory
            case .size: QueryError.tooLarge(limitBytes: limits.resultBytes)
            // The task was cancelled; the pool tells its caller so.
            case nil: error
            }
        case .outOfMemory: QueryError.outOfMemory
        case .parser, .binder, .catalog, .conversion, .outOfRange, .invalidInput, .notImplemented, .constraint,
            .permission, .missingExtension, .internal:
            QueryError.invalid(error.message)
        case .io, .transaction, .fatal, .misuse, .other: error
        }
    }
}
