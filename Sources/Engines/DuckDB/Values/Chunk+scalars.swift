import CDuckDB

extension Chunk {
    /// A BOOLEAN.
    public func bool(_ column: Int, _ row: Int) throws(DuckDBError) -> Bool? {
        guard let vector = vector(column, row) else { return nil }
        guard vector.id == DUCKDB_TYPE_BOOLEAN else { throw mismatch(column, "BOOLEAN") }
        return vector.load(row, as: UInt8.self) != 0
    }

    /// An integer of any width.
    ///
    /// - Throws: ``DuckDBError/Kind/outOfRange`` when a UBIGINT or HUGEINT does not fit.
    public func int64(_ column: Int, _ row: Int) throws(DuckDBError) -> Int64? {
        guard let vector = vector(column, row) else { return nil }
        switch vector.id {
        case DUCKDB_TYPE_BIGINT: return vector.load(row, as: Int64.self)
        case DUCKDB_TYPE_INTEGER: return Int64(vector.load(row, as: Int32.self))
        default:
            guard let integer = vector.integer(row) else { throw mismatch(column, "an integer") }
            guard let value = Int64(exactly: integer) else { throw overflow(column, integer, "Int64") }
            return value
        }
    }

    /// An integer of any width but UHUGEINT, such as the sum of a BIGINT column.
    public func int128(_ column: Int, _ row: Int) throws(DuckDBError) -> Int128? {
        guard let vector = vector(column, row) else { return nil }
        guard let integer = vector.integer(row) else { throw mismatch(column, "an integer") }
        return integer
    }

    /// An integer of any width that is not negative.
    ///
    /// - Throws: ``DuckDBError/Kind/outOfRange`` when it is negative or does not fit.
    public func uint64(_ column: Int, _ row: Int) throws(DuckDBError) -> UInt64? {
        guard let vector = vector(column, row) else { return nil }
        if vector.id == DUCKDB_TYPE_UBIGINT { return vector.load(row, as: UInt64.self) }
        guard let integer = vector.integer(row) else { throw mismatch(column, "an integer") }
        guard let value = UInt64(exactly: integer) else { throw overflow(column, integer, "UInt64") }
        return value
    }

    /// A FLOAT, DOUBLE, DECIMAL or integer, as near as a double comes.
    public func double(_ column: Int, _ row: Int) throws(DuckDBError) -> Double? {
        guard let vector = vector(column, row) else { return nil }
        switch vector.id {
        case DUCKDB_TYPE_DOUBLE: return vector.load(row, as: Double.self)
        case DUCKDB_TYPE_FLOAT: return Double(vector.load(row, as: Float.self))
        case DUCKDB_TYPE_DECIMAL: return Double(vector.engineValue(row)?.text ?? "")
        default:
            guard let integer = vector.integer(row) else { throw mismatch(column, "a number") }
            return Double(integer)
        }
    }

    /// A TIMESTAMP of any precision, with or without zone: microseconds since 1970-01-01 00:00 UTC. `Int64.max` stands
    /// for infinity, `-Int64.max` for minus infinity.
    ///
    /// - Throws: ``DuckDBError/Kind/outOfRange`` when seconds or milliseconds do not fit.
    public func timestamp(_ column: Int, _ row: Int) throws(DuckDBError) -> Int64? {
        guard let vector = vector(column, row) else { return nil }
        let factor: Int64
        switch vector.id {
        case DUCKDB_TYPE_TIMESTAMP, DUCKDB_TYPE_TIMESTAMP_TZ: return vector.load(row, as: Int64.self)
        case DUCKDB_TYPE_TIMESTAMP_S: factor = 1_000_000
        case DUCKDB_TYPE_TIMESTAMP_MS: factor = 1_000
        case DUCKDB_TYPE_TIMESTAMP_NS: factor = 1
        default: throw mismatch(column, "TIMESTAMP")
        }
        let stored = vector.load(row, as: Int64.self)
        guard stored.magnitude != Int64.max.magnitude else { return stored }
        if vector.id == DUCKDB_TYPE_TIMESTAMP_NS {
            // Towards the past on both sides of 1970, as the engine's own cast does.
            return stored / 1_000 - (stored % 1_000 < 0 ? 1 : 0)
        }
        let (micros, isOverflow) = stored.multipliedReportingOverflow(by: factor)
        if isOverflow { throw overflow(column, Int128(stored), "microseconds") }
        return micros
    }

    /// A DATE: days since 1970-01-01.
    public func date(_ column: Int, _ row: Int) throws(DuckDBError) -> Int32? {
        guard let vector = vector(column, row) else { return nil }
        guard vector.id == DUCKDB_TYPE_DATE else { throw mismatch(column, "DATE") }
        return vector.load(row, as: Int32.self)
    }

    /// A UUID: its 128 bits, the first byte the most significant.
    public func uuid(_ column: Int, _ row: Int) throws(DuckDBError) -> UInt128? {
        guard let vector = vector(column, row) else { return nil }
        guard vector.id == DUCKDB_TYPE_UUID else { throw mismatch(column, "UUID") }
        return vector.uuid(row)
    }

    private func overflow(_ column: Int, _ value: Int128, _ wanted: String) -> DuckDBError {
        DuckDBError(.outOfRange, "the column '\(columns[column].name)' holds \(value), which \(wanted) cannot")
    }
}

extension Vector {
    /// The cell of an integer column but UHUGEINT; nil for other columns.
    func integer(_ row: Int) -> Int128? {
        switch id {
        case DUCKDB_TYPE_BIGINT: return Int128(load(row, as: Int64.self))
        case DUCKDB_TYPE_INTEGER: return Int128(load(row, as: Int32.self))
        case DUCKDB_TYPE_SMALLINT: return Int128(load(row, as: Int16.self))
        case DUCKDB_TYPE_TINYINT: return Int128(load(row, as: Int8.self))
        case DUCKDB_TYPE_UBIGINT: return Int128(load(row, as: UInt64.self))
        case DUCKDB_TYPE_UINTEGER: return Int128(load(row, as: UInt32.self))
        case DUCKDB_TYPE_USMALLINT: return Int128(load(row, as: UInt16.self))
        case DUCKDB_TYPE_UTINYINT: return Int128(load(row, as: UInt8.self))
        case DUCKDB_TYPE_HUGEINT:
            let parts = load(row, as: duckdb_hugeint.self)
            return Int128(parts.upper) << 64 | Int128(parts.lower)
        default: return nil
        }
    }

    /// The cell of a UUID column, which the engine keeps with its first bit flipped so that it sorts as a signed
    /// number.
    func uuid(_ row: Int) -> UInt128 {
        let parts = load(row, as: duckdb_hugeint.self)
        return UInt128(UInt64(bitPattern: parts.upper) ^ (1 << 63)) << 64 | UInt128(parts.lower)
    }
}
