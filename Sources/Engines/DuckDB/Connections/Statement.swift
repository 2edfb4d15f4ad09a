import CDuckDB
import Foundation

/// A planned statement of one connection, with places for parameters. Like its connection: one caller at a time.
public final class Statement {
    private let handle: duckdb_prepared_statement
    private let connection: Connection
    /// How many parameters it takes.
    public let parameterCount: Int

    /// Takes over what the engine prepared.
    init(_ handle: duckdb_prepared_statement?, state: duckdb_state, on connection: Connection) throws(DuckDBError) {
        guard let handle else { throw DuckDBError(.outOfMemory, "the engine could not prepare the statement") }
        guard state == DUCKDB_STATE_SUCCESS else {
            let error = DuckDBError(text: duckdb_prepare_error(handle), otherwise: "the statement cannot be prepared")
            var handle: duckdb_prepared_statement? = handle
            duckdb_destroy_prepare(&handle)
            throw error
        }
        self.handle = handle
        self.connection = connection
        parameterCount = Int(duckdb_nparams(handle))
    }

    deinit {
        var handle: duckdb_prepared_statement? = handle
        duckdb_destroy_prepare(&handle)
    }

    /// Sets all parameters, by position; they stay set for every later run.
    ///
    /// - Throws: ``DuckDBError/Kind/misuse`` when their number is not ``parameterCount``.
    public func bind(_ parameters: [Value]) throws(DuckDBError) {
        guard parameters.count == parameterCount else {
            throw DuckDBError(
                .misuse, "the statement takes \(parameterCount) parameters, and \(parameters.count) were given")
        }
        for (index, value) in parameters.enumerated() {
            guard bind(value, at: idx_t(index + 1)) == DUCKDB_STATE_SUCCESS else {
                throw DuckDBError(.invalidInput, "the engine does not take parameter \(index + 1)")
            }
        }
    }

    /// Runs it and discards its rows.
    ///
    /// - Returns: How many rows it inserted, changed or deleted; 0 for other statements.
    @discardableResult
    public func execute() throws(DuckDBError) -> Int {
        try execute(notesTransaction: true)
    }

    /// Runs it. The rows of a SELECT are computed as they are read, other statements have run when this returns.
    public func query() throws(DuckDBError) -> Rows {
        let isSelect = duckdb_prepared_statement_type(handle) == DUCKDB_STATEMENT_TYPE_SELECT
        let result = try run(streaming: isSelect)
        noteTransaction()
        return Rows(result, of: self, on: connection)
    }

    @discardableResult
    func execute(notesTransaction: Bool, evenIfCancelled: Bool = false) throws(DuckDBError) -> Int {
        var result = try run(streaming: false, evenIfCancelled: evenIfCancelled)
        defer { duckdb_destroy_result(&result) }
        if notesTransaction { noteTransaction() }
        return Int(duckdb_rows_changed(&result))
    }

    private func noteTransaction() {
        if duckdb_prepared_statement_type(handle) == DUCKDB_STATEMENT_TYPE_TRANSACTION {
            connection.mayHaveOpenTransaction = true
        }
    }

    private func run(streaming: Bool, evenIfCancelled: Bool = false) throws(DuckDBError) -> duckdb_result {
        connection.endOpenRows()
        var pending: duckdb_pending_result?
        let state =
            streaming
            ? duckdb_pending_prepared_streaming(handle, &pending) : duckdb_pending_prepared(handle, &pending)
        defer { duckdb_destroy_pending(&pending) }
        guard state == DUCKDB_STATE_SUCCESS else {
            throw DuckDBError(text: duckdb_pending_error(pending), otherwise: "the statement cannot be run")
        }
        if !evenIfCancelled {
            do throws(DuckDBError) {
                try connection.checkCancellation()
            } catch {
                duckdb_destroy_pending(&pending)
                connection.endActiveQuery()
                throw error
            }
        }
        if duckdb_prepared_statement_type(handle) == DUCKDB_STATEMENT_TYPE_TRANSACTION { try wait(for: pending) }
        var result = duckdb_result()
        guard duckdb_execute_pending(pending, &result) == DUCKDB_STATE_SUCCESS else {
            defer { duckdb_destroy_result(&result) }
            throw DuckDBError(of: &result)
        }
        return result
    }

    /// Runs a statement until its result is there, or the engine has to see to the rest.
    ///
    /// When one of its other threads has taken the statement on, the engine asks without a pause whether that is done: all
    /// the while that a commit waits for the disk.
    private func wait(for pending: duckdb_pending_result?) throws(DuckDBError) {
        while true {
            switch duckdb_pending_execute_task(pending) {
            case DUCKDB_PENDING_RESULT_NOT_READY: continue
            case DUCKDB_PENDING_NO_TASKS_AVAILABLE: usleep(Self.pauseMicroseconds)
            case DUCKDB_PENDING_ERROR:
                // Without a text it has not failed, but waits for something else.
                guard let text = duckdb_pending_error(pending), text.pointee != 0 else { return }
                throw DuckDBError(text: text, otherwise: "the statement failed without a message")
            default: return
            }
        }
    }

    /// A small part of what the quickest disks take.
    private static let pauseMicroseconds: UInt32 = 20
}

extension DuckDBError {
    /// The error that a result carries.
    init(of result: inout duckdb_result) {
        let message =
            duckdb_result_error(&result).map { String(cString: $0) } ?? "the statement failed without a message"
        let kind = Kind(duckdb_result_error_type(&result))
        self.init(kind == .other ? Kind(messageOpening: message) : kind, message)
    }
}

extension Statement {
    private func bind(_ value: Value, at index: idx_t) -> duckdb_state {
        switch value {
        case .null: return duckdb_bind_null(handle, index)
        case .bool(let value): return duckdb_bind_boolean(handle, index, value)
        case .int64(let value): return duckdb_bind_int64(handle, index, value)
        case .uint64(let value): return duckdb_bind_uint64(handle, index, value)
        case .double(let value): return duckdb_bind_double(handle, index, value)
        case .timestamp(let value): return duckdb_bind_timestamp(handle, index, duckdb_timestamp(micros: value))
        case .string(var text):
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    duckdb_bind_varchar_length(handle, index, characters.baseAddress, idx_t(characters.count))
                }
            }
        case .blob(let bytes):
            return bytes.withUnsafeBytes { duckdb_bind_blob(handle, index, $0.baseAddress, idx_t($0.count)) }
        case .uuid(let bits): return bind(EngineValue.uuid(bits), at: index)
        case .strings(let texts): return bind(EngineValue.strings(texts), at: index)
        }
    }

    private func bind(_ value: EngineValue?, at index: idx_t) -> duckdb_state {
        guard let value else { return DUCKDB_STATE_ERROR }
        return duckdb_bind_value(handle, index, value.handle)
    }
}
