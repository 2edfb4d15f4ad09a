import CDuckDB

extension DuckDBError {
    /// The families of failure that a caller may want to tell apart.
    public enum Kind: Sendable, Hashable {
        /// The SQL is not SQL.
        case parser
        /// The SQL names a column, a function or types that do not fit.
        case binder
        /// The SQL names a table, schema or other object that does not exist, or exists already.
        case catalog
        /// NOT NULL, CHECK, UNIQUE or another constraint refused a row.
        case constraint
        /// A value could not become the wanted type.
        case conversion
        /// A value does not fit its type's range.
        case outOfRange
        /// The memory limit was reached, and the rest could not be spilled to disk.
        case outOfMemory
        /// ``Connection/interrupt()`` or the cancellation of a task stopped the statement.
        case interrupted
        /// A file could not be read or written, the disk is full, or the file is locked by another process.
        case io
        /// A conflict between transactions, or a transaction that an earlier error ended.
        case transaction
        /// A value or setting that the engine does not take.
        case invalidInput
        /// Something the engine cannot do.
        case notImplemented
        /// Something the settings forbid, such as reading files.
        case permission
        /// The SQL needs an extension that is not loaded.
        case missingExtension
        /// A failure that ended this database's life; the process must open it anew.
        case fatal
        /// A fault of the engine itself.
        case `internal`
        /// This module was used against its rules: a wrong column type, the wrong number of parameters, stale rows.
        case misuse
        /// Anything else; the message tells.
        case other
    }
}

extension DuckDBError.Kind {
    /// The kind behind the engine's number for it.
    init(_ type: duckdb_error_type) {
        switch type {
        case DUCKDB_ERROR_PARSER, DUCKDB_ERROR_SYNTAX: self = .parser
        case DUCKDB_ERROR_BINDER: self = .binder
        case DUCKDB_ERROR_CATALOG, DUCKDB_ERROR_DEPENDENCY: self = .catalog
        case DUCKDB_ERROR_CONSTRAINT: self = .constraint
        case DUCKDB_ERROR_CONVERSION: self = .conversion
        case DUCKDB_ERROR_OUT_OF_RANGE: self = .outOfRange
        case DUCKDB_ERROR_OUT_OF_MEMORY: self = .outOfMemory
        case DUCKDB_ERROR_INTERRUPT: self = .interrupted
        case DUCKDB_ERROR_IO, DUCKDB_ERROR_HTTP, DUCKDB_ERROR_CONNECTION: self = .io
        case DUCKDB_ERROR_TRANSACTION: self = .transaction
        case DUCKDB_ERROR_INVALID_INPUT: self = .invalidInput
        case DUCKDB_ERROR_NOT_IMPLEMENTED: self = .notImplemented
        case DUCKDB_ERROR_PERMISSION: self = .permission
        case DUCKDB_ERROR_MISSING_EXTENSION, DUCKDB_ERROR_AUTOLOAD: self = .missingExtension
        case DUCKDB_ERROR_FATAL: self = .fatal
        case DUCKDB_ERROR_INTERNAL: self = .internal
        default: self = .other
        }
    }

    /// The kind that a message opens with: where the engine hands over only text (preparing, opening), the text begins
    /// with the family's name, as in "Binder Error: ...".
    init(messageOpening message: String) {
        let families: [(String, Self)] = [
            ("Parser", .parser), ("Syntax", .parser), ("Binder", .binder), ("Catalog", .catalog),
            ("Dependency", .catalog), ("Constraint", .constraint), ("Conversion", .conversion),
            ("Out of Range", .outOfRange), ("Out of Memory", .outOfMemory), ("INTERRUPT", .interrupted), ("IO", .io),
            ("HTTP", .io), ("Connection", .io), ("TransactionContext", .transaction),
            ("Invalid Input", .invalidInput), ("Invalid Configuration", .invalidInput),
            ("Not implemented", .notImplemented), ("Permission", .permission),
            ("Missing Extension", .missingExtension), ("Extension Autoloading", .missingExtension),
            ("FATAL", .fatal), ("INTERNAL", .internal),
        ]
        self = families.first { message.hasPrefix("\($0.0) Error") }?.1 ?? .other
    }
}

extension DuckDBError {
    /// An error of which the engine gave only the text.
    init(text: UnsafePointer<CChar>?, otherwise: String) {
        let message = text.map { String(cString: $0) } ?? otherwise
        self.init(Kind(messageOpening: message), message)
    }
}
