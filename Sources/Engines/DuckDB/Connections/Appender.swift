import CDuckDB

/// The fast way into a table: rows are gathered by the engine and written when flushed. Rows not flushed when the
/// appender goes, or after ``discard()``, are never written. Within ``Connection/transaction(_:)`` a flush belongs to
/// the transaction; outside it commits by itself, and so does the engine after about 200,000 rows. Like its
/// connection: one caller at a time.
public final class Appender {
    /// The types of the table's columns, in order, generated columns left out.
    public let columns: [ColumnType]
    private let handle: duckdb_appender
    private let types: [LogicalType]
    private let connection: Connection

    /// Opens an appender.
    ///
    /// - Parameters:
    ///   - connection: The connection whose transaction it takes part in.
    ///   - catalog: The attached database, nil for the connection's own.
    ///   - schema: The schema, nil for `main`.
    ///   - table: The table.
    /// - Throws: ``DuckDBError`` when there is no such table, or the database is read-only.
    public init(_ connection: Connection, catalog: String? = nil, schema: String? = nil, table: String)
        throws(DuckDBError)
    {
        connection.endOpenRows()
        var appender: duckdb_appender?
        let state = duckdb_appender_create_ext(connection.handle, catalog, schema, table, &appender)
        guard let appender else { throw DuckDBError(.outOfMemory, "the engine could not make an appender") }
        guard state == DUCKDB_STATE_SUCCESS else {
            let error = DuckDBError(of: appender)
            var appender: duckdb_appender? = appender
            _ = duckdb_appender_destroy(&appender)
            throw error
        }
        handle = appender
        types = (0..<duckdb_appender_column_count(appender)).map {
            LogicalType(duckdb_appender_column_type(appender, $0))
        }
        columns = types.map(ColumnType.init)
        self.connection = connection
    }

    deinit {
        // Destroying flushes what is left; a body that failed half-way must not write its rows after all.
        _ = duckdb_appender_clear(handle)
        var handle: duckdb_appender? = handle
        _ = duckdb_appender_destroy(&handle)
    }

    /// Makes a chunk with the table's columns, to be filled, appended and filled again.
    public func makeChunk() throws(DuckDBError) -> DataChunk {
        try DataChunk(types: types, columns: columns)
    }

    /// Takes over the chunk's rows and empties it for the next ones; cells that were not set are NULL.
    ///
    /// - Throws: ``DuckDBError`` of the first setter that was misused; then none of the chunk's rows are appended, and
    ///   it is empty.
    public func append(_ chunk: DataChunk) throws(DuckDBError) {
        defer { chunk.reset() }
        try chunk.finish()
        if chunk.count > 0 { try check(duckdb_append_data_chunk(handle, chunk.handle)) }
    }

    /// Appends one row; each value is cast to its column's type.
    ///
    /// - Throws: ``DuckDBError`` when the number of values is not that of the columns, or a value does not fit its
    ///   column; in the latter case every row not flushed yet is discarded with it, since the engine cannot undo half
    ///   a row.
    public func append(row values: [Value]) throws(DuckDBError) {
        guard values.count == columns.count else {
            throw DuckDBError(.misuse, "the table has \(columns.count) columns, and the row \(values.count) values")
        }
        do {
            for value in values { try check(append(value)) }
            try check(duckdb_appender_end_row(handle))
        } catch {
            discard()
            throw error
        }
    }

    /// Writes the rows gathered so far.
    ///
    /// - Throws: ``DuckDBError`` when a constraint refuses one of them, or the disk is full: then none is written, and
    ///   all are discarded.
    public func flush() throws(DuckDBError) {
        connection.endOpenRows()
        try connection.checkCancellation()
        do {
            try check(duckdb_appender_flush(handle))
        } catch {
            discard()
            throw error
        }
    }

    /// Forgets the rows not flushed yet.
    public func discard() {
        _ = duckdb_appender_clear(handle)
    }

    private func check(_ state: duckdb_state) throws(DuckDBError) {
        if state != DUCKDB_STATE_SUCCESS { throw DuckDBError(of: handle) }
    }
}

extension DuckDBError {
    /// The error that an appender carries.
    fileprivate init(of appender: duckdb_appender) {
        var data = duckdb_appender_error_data(appender)
        defer { duckdb_destroy_error_data(&data) }
        self.init(
            Kind(duckdb_error_data_error_type(data)),
            duckdb_error_data_message(data).map { String(cString: $0) } ?? "the appender failed without a message")
    }
}

extension Appender {
    private func append(_ value: Value) -> duckdb_state {
        switch value {
        case .null: return duckdb_append_null(handle)
        case .bool(let value): return duckdb_append_bool(handle, value)
        case .int64(let value): return duckdb_append_int64(handle, value)
        case .uint64(let value): return duckdb_append_uint64(handle, value)
        case .double(let value): return duckdb_append_double(handle, value)
        case .timestamp(let value): return duckdb_append_timestamp(handle, duckdb_timestamp(micros: value))
        case .string(var text):
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    duckdb_append_varchar_length(handle, characters.baseAddress, idx_t(characters.count))
                }
            }
        case .blob(let bytes):
            return bytes.withUnsafeBytes { duckdb_append_blob(handle, $0.baseAddress, idx_t($0.count)) }
        case .uuid(let bits): return append(EngineValue.uuid(bits))
        case .strings(let texts): return append(EngineValue.strings(texts))
        }
    }

    private func append(_ value: EngineValue?) -> duckdb_state {
        guard let value else { return DUCKDB_STATE_ERROR }
        return duckdb_append_value(handle, value.handle)
    }
}
