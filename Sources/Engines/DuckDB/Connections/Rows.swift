import CDuckDB

/// The rows of a query, chunk by chunk. The rows of a SELECT are computed as they are asked for, so that memory stays
/// flat however many there are; they must be read before the next statement begins on the connection, which ends them.
///
/// ```swift
/// let rows = try connection.query("SELECT name, count(*) FROM events GROUP BY name")
/// while let chunk = try rows.next() {
///     for row in 0..<chunk.count { print(try chunk.string(0, row) ?? "", try chunk.int64(1, row) ?? 0) }
/// }
/// ```
public final class Rows {
    /// The columns, in order.
    public let columns: [Column]
    private var result: duckdb_result
    private let types: [LogicalType]
    private let statement: Statement
    private let connection: Connection
    private var state = State.open

    private enum State {
        case open
        /// Read to the end, or failed: the engine holds nothing more.
        case finished
        /// Closed before the end.
        case closed
    }

    /// Takes over a result.
    init(_ result: duckdb_result, of statement: Statement, on connection: Connection) {
        var result = result
        let count = duckdb_column_count(&result)
        let types = (0..<count).map { LogicalType(duckdb_column_logical_type(&result, $0)) }
        columns = zip(0..<count, types).map { index, type in
            Column(
                name: duckdb_column_name(&result, index).map { String(cString: $0) } ?? "", type: ColumnType(type))
        }
        self.types = types
        self.result = result
        self.statement = statement
        self.connection = connection
        connection.begin(self)
    }

    deinit {
        close()
    }

    /// The next rows, at least one; nil after the last. A chunk owns its memory and may outlive the rows.
    ///
    /// - Throws: ``DuckDBError`` when computing them failed or was interrupted, or ``DuckDBError/Kind/misuse`` when
    ///   another statement began on the connection before the end: rows cut short never look like all of them.
    public func next() throws(DuckDBError) -> Chunk? {
        switch state {
        case .finished: return nil
        case .closed:
            throw DuckDBError(
                .misuse, "the rows were closed, or another statement began on the connection, before they were all read"
            )
        case .open: break
        }
        if let chunk = duckdb_fetch_chunk(result) {
            if duckdb_data_chunk_get_size(chunk) > 0 { return Chunk(chunk, columns: columns, types: types) }
            var chunk: duckdb_data_chunk? = chunk
            duckdb_destroy_data_chunk(&chunk)
        }
        state = .finished
        defer { duckdb_destroy_result(&result) }
        if duckdb_result_error(&result) != nil { throw DuckDBError(of: &result) }
        return nil
    }

    /// Gives up the rows not yet read, and the transaction they were read in. Harmless when repeated.
    public func close() {
        guard state == .open else { return }
        state = .closed
        connection.endActiveQuery()
        duckdb_destroy_result(&result)
    }

    /// Calls the body for each row still unread.
    public func forEach(_ body: (_ chunk: Chunk, _ row: Int) throws -> Void) throws {
        while let chunk = try next() {
            for row in 0..<chunk.count { try body(chunk, row) }
        }
    }

    /// Collects what the body makes of each row still unread.
    public func map<T>(_ body: (_ chunk: Chunk, _ row: Int) throws -> T) throws -> [T] {
        var collected: [T] = []
        try forEach { chunk, row in collected.append(try body(chunk, row)) }
        return collected
    }
}
