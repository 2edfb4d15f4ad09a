import CDuckDB

/// A text of several statements, cut into its parts.
final class ExtractedStatements {
    private let handle: duckdb_extracted_statements
    private let connection: Connection
    /// How many statements the text holds; 0 for white space and comments.
    let count: Int

    init(_ sql: String, on connection: Connection) throws(DuckDBError) {
        connection.endOpenRows()
        self.connection = connection
        var statements: duckdb_extracted_statements?
        count = Int(duckdb_extract_statements(connection.handle, sql, &statements))
        guard let statements else { throw DuckDBError(.outOfMemory, "the engine could not parse the SQL") }
        handle = statements
        if let message = duckdb_extract_statements_error(handle) {
            throw DuckDBError(text: message, otherwise: "the engine could not parse the SQL")
        }
    }

    deinit {
        var handle: duckdb_extracted_statements? = handle
        duckdb_destroy_extracted(&handle)
    }

    /// Plans one of the statements; each may be asked for once.
    func prepare(_ index: Int) throws(DuckDBError) -> Statement {
        var prepared: duckdb_prepared_statement?
        let state = duckdb_prepare_extracted_statement(connection.handle, handle, idx_t(index), &prepared)
        return try Statement(prepared, state: state, on: connection)
    }
}
