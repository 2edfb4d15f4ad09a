import CDuckDB

extension Chunk {
    /// A VARCHAR; any other type as the engine's cast to VARCHAR writes it.
    ///
    /// - Throws: ``DuckDBError/Kind/misuse`` for the few types without such a rendering here (VARIANT, GEOMETRY,
    ///   BIGNUM).
    public func string(_ column: Int, _ row: Int) throws(DuckDBError) -> String? {
        guard let vector = vector(column, row) else { return nil }
        switch vector.id {
        case DUCKDB_TYPE_VARCHAR: return String(decoding: vector.bytes(row), as: UTF8.self)
        case DUCKDB_TYPE_BOOLEAN: return vector.load(row, as: UInt8.self) != 0 ? "true" : "false"
        default:
            if let integer = vector.integer(row) { return String(integer) }
            guard let value = vector.engineValue(row) else { throw mismatch(column, "one with a text") }
            return value.text
        }
    }

    /// Lends the bytes of a VARCHAR, BLOB or JSON without copying them, for the length of the body; nil when NULL.
    public func withUTF8<R>(
        _ column: Int, _ row: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> R
    ) throws -> R? {
        guard let vector = vector(column, row) else { return nil }
        guard vector.id == DUCKDB_TYPE_VARCHAR || vector.id == DUCKDB_TYPE_BLOB else {
            throw mismatch(column, "VARCHAR or BLOB")
        }
        return try body(vector.bytes(row))
    }

    /// A BLOB's or VARCHAR's bytes, copied.
    public func blob(_ column: Int, _ row: Int) throws(DuckDBError) -> [UInt8]? {
        guard let vector = vector(column, row) else { return nil }
        guard vector.id == DUCKDB_TYPE_BLOB || vector.id == DUCKDB_TYPE_VARCHAR else { throw mismatch(column, "BLOB") }
        return Array(vector.bytes(row))
    }

    /// A VARCHAR[]; its NULL elements are left out.
    public func strings(_ column: Int, _ row: Int) throws(DuckDBError) -> [String]? {
        guard let vector = vector(column, row) else { return nil }
        guard vector.id == DUCKDB_TYPE_LIST else { throw mismatch(column, "VARCHAR[]") }
        let child = vector.listChild()
        guard child.id == DUCKDB_TYPE_VARCHAR else { throw mismatch(column, "VARCHAR[]") }
        return vector.listRange(row).filter { !child.isNull($0) }
            .map { String(decoding: child.bytes($0), as: UTF8.self) }
    }

    /// Any cell, for results whose types are not known beforehand: the types that ``Value`` has as themselves, all
    /// others as text.
    public func value(_ column: Int, _ row: Int) throws(DuckDBError) -> Value {
        guard let vector = vector(column, row) else { return .null }
        switch vector.id {
        case DUCKDB_TYPE_BOOLEAN: return .bool(vector.load(row, as: UInt8.self) != 0)
        case DUCKDB_TYPE_UBIGINT: return .uint64(vector.load(row, as: UInt64.self))
        case DUCKDB_TYPE_FLOAT: return .double(Double(vector.load(row, as: Float.self)))
        case DUCKDB_TYPE_DOUBLE: return .double(vector.load(row, as: Double.self))
        case DUCKDB_TYPE_BLOB: return .blob(Array(vector.bytes(row)))
        case DUCKDB_TYPE_UUID: return .uuid(vector.uuid(row))
        case DUCKDB_TYPE_TIMESTAMP, DUCKDB_TYPE_TIMESTAMP_TZ: return .timestamp(vector.load(row, as: Int64.self))
        case DUCKDB_TYPE_LIST where vector.listChild().id == DUCKDB_TYPE_VARCHAR:
            return .strings(try strings(column, row) ?? [])
        default:
            if let integer = vector.integer(row).flatMap({ Int64(exactly: $0) }) { return .int64(integer) }
            return .string(try string(column, row) ?? "")
        }
    }
}
