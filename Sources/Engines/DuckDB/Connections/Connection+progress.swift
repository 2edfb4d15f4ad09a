import CDuckDB

/// How far a running statement has come.
public struct QueryProgress: Sendable, Equatable {
    /// From 0 to 100.
    public let percentage: Double
    /// Rows processed so far.
    public let rows: UInt64
    /// Rows to process in all, as the engine estimates them.
    public let total: UInt64
}

extension Connection {
    /// Has the engine keep ``progress`` for the statements of this connection from now on.
    public func trackProgress() throws(DuckDBError) {
        try execute(
            "SET enable_progress_bar = true; SET enable_progress_bar_print = false; SET progress_bar_time = 0")
    }

    /// How far the running statement has come; nil when none runs, when the engine has no estimate yet, or without
    /// ``trackProgress()``. Any thread may ask.
    public var progress: QueryProgress? {
        let progress = duckdb_query_progress(handle)
        guard progress.percentage >= 0 else { return nil }
        return QueryProgress(
            percentage: progress.percentage, rows: progress.rows_processed, total: progress.total_rows_to_process)
    }
}
