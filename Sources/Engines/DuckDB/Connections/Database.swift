import CDuckDB

/// An open database: one file with its write-ahead log, or memory. Closed when the last connection and the last
/// reference are gone. One process at a time may have a file open for writing.
public final class Database: @unchecked Sendable {
    // The handle is written once; the engine serialises what connections do with it.
    private let handle: duckdb_database

    /// Opens or creates a database, loading the engine first if that has not happened.
    ///
    /// - Parameters:
    ///   - path: The file, or nil for a database in memory.
    ///   - settings: Engine settings by name, among them `memory_limit` ("512MB"), `threads` ("2"), `temp_directory`,
    ///     `max_temp_directory_size` ("10GB"), `access_mode` ("READ_ONLY").
    /// - Throws: ``EngineError`` when there is no engine; ``DuckDBError`` when a setting is refused, or the file is
    ///   not a database, is locked, or cannot be written.
    public init(path: String?, settings: [String: String] = [:]) throws {
        try Engine.load()
        var configuration: duckdb_config?
        guard duckdb_create_config(&configuration) == DUCKDB_STATE_SUCCESS, let configuration else {
            throw DuckDBError(.outOfMemory, "the engine could not make a configuration")
        }
        defer {
            var configuration: duckdb_config? = configuration
            duckdb_destroy_config(&configuration)
        }
        for (name, value) in settings.sorted(by: { $0.key < $1.key })
        where duckdb_set_config(configuration, name, value) != DUCKDB_STATE_SUCCESS {
            throw DuckDBError(.invalidInput, "the engine does not take the setting \(name) = '\(value)'")
        }

        var database: duckdb_database?
        var message: UnsafeMutablePointer<CChar>?
        let state = duckdb_open_ext(path, &database, configuration, &message)
        defer { duckdb_free(message) }
        guard state == DUCKDB_STATE_SUCCESS, let database else {
            throw DuckDBError(text: message, otherwise: "the engine could not open \(path ?? "a database in memory")")
        }
        handle = database
    }

    deinit {
        var handle: duckdb_database? = handle
        duckdb_close(&handle)
    }

    /// Opens a connection. Each has its own transaction and session settings; all see the same committed rows.
    ///
    /// - Throws: ``DuckDBError`` when the database has failed for good.
    public func connect() throws(DuckDBError) -> Connection {
        var connection: duckdb_connection?
        guard duckdb_connect(handle, &connection) == DUCKDB_STATE_SUCCESS, let connection else {
            throw DuckDBError(.fatal, "the engine gave no connection: the database has failed and must be opened anew")
        }
        return Connection(connection, of: self)
    }
}
