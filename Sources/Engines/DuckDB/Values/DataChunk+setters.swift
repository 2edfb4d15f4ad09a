import CDuckDB

extension DataChunk {
    /// Sets a BOOLEAN.
    public func setBool(_ value: Bool, column: Int, row: Int) {
        cell(column, row, DUCKDB_TYPE_BOOLEAN)?.pointee.store(value ? 1 : 0 as UInt8, row)
    }

    /// Sets an INTEGER.
    public func setInt32(_ value: Int32, column: Int, row: Int) {
        cell(column, row, DUCKDB_TYPE_INTEGER)?.pointee.store(value, row)
    }

    /// Sets a BIGINT.
    public func setInt64(_ value: Int64, column: Int, row: Int) {
        cell(column, row, DUCKDB_TYPE_BIGINT)?.pointee.store(value, row)
    }

    /// Sets a UBIGINT.
    public func setUInt64(_ value: UInt64, column: Int, row: Int) {
        cell(column, row, DUCKDB_TYPE_UBIGINT)?.pointee.store(value, row)
    }

    /// Sets a DOUBLE.
    public func setDouble(_ value: Double, column: Int, row: Int) {
        cell(column, row, DUCKDB_TYPE_DOUBLE)?.pointee.store(value, row)
    }

    /// Sets a TIMESTAMP, with or without zone: microseconds since 1970-01-01 00:00 UTC.
    public func setTimestamp(_ micros: Int64, column: Int, row: Int) {
        cell(column, row, DUCKDB_TYPE_TIMESTAMP, or: DUCKDB_TYPE_TIMESTAMP_TZ)?.pointee.store(micros, row)
    }

    /// Sets a DATE: days since 1970-01-01.
    public func setDate(_ days: Int32, column: Int, row: Int) {
        cell(column, row, DUCKDB_TYPE_DATE)?.pointee.store(days, row)
    }

    /// Sets a UUID: its 128 bits, the first byte the most significant.
    public func setUUID(_ bits: UInt128, column: Int, row: Int) {
        // The engine keeps the first bit flipped, so that UUIDs sort as signed numbers.
        let parts = duckdb_hugeint(
            lower: UInt64(truncatingIfNeeded: bits),
            upper: Int64(bitPattern: UInt64(truncatingIfNeeded: bits >> 64) ^ (1 << 63)))
        cell(column, row, DUCKDB_TYPE_UUID)?.pointee.store(parts, row)
    }

    /// Sets a VARCHAR.
    public func setString(_ text: String, column: Int, row: Int) {
        var text = text
        text.withUTF8 { setTrustedUTF8($0, column: column, row: row) }
    }

    /// Sets a VARCHAR from bytes of unknown origin; that they are not UTF-8 is a misuse.
    public func setUTF8(_ bytes: UnsafeBufferPointer<UInt8>, column: Int, row: Int) {
        var error = bytes.withMemoryRebound(to: CChar.self) { characters in
            duckdb_valid_utf8_check(characters.baseAddress, idx_t(characters.count))
        }
        guard error == nil else {
            duckdb_destroy_error_data(&error)
            refuse("the text for column \(column), row \(row) is not valid UTF-8", kind: .invalidInput)
            return
        }
        setTrustedUTF8(bytes, column: column, row: row)
    }

    /// Sets a VARCHAR from bytes already known to be UTF-8, as a JSON parser's are; others would damage the table.
    public func setTrustedUTF8(_ bytes: UnsafeBufferPointer<UInt8>, column: Int, row: Int) {
        cell(column, row, DUCKDB_TYPE_VARCHAR)?.pointee.store(bytes, row)
    }

    /// Sets a BLOB.
    public func setBlob(_ bytes: UnsafeBufferPointer<UInt8>, column: Int, row: Int) {
        cell(column, row, DUCKDB_TYPE_BLOB)?.pointee.store(bytes, row)
    }
}
