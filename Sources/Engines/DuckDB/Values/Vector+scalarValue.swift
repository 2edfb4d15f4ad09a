import CDuckDB

extension Vector {
    /// The cell of a column that is not nested, in a box that the caller destroys; nil for types that have none here.
    func scalarValue(_ row: Int) -> duckdb_value? {
        switch id {
        case DUCKDB_TYPE_BOOLEAN: return duckdb_create_bool(load(row, as: UInt8.self) != 0)
        case DUCKDB_TYPE_TINYINT: return duckdb_create_int8(load(row, as: Int8.self))
        case DUCKDB_TYPE_SMALLINT: return duckdb_create_int16(load(row, as: Int16.self))
        case DUCKDB_TYPE_INTEGER: return duckdb_create_int32(load(row, as: Int32.self))
        case DUCKDB_TYPE_BIGINT: return duckdb_create_int64(load(row, as: Int64.self))
        case DUCKDB_TYPE_UTINYINT: return duckdb_create_uint8(load(row, as: UInt8.self))
        case DUCKDB_TYPE_USMALLINT: return duckdb_create_uint16(load(row, as: UInt16.self))
        case DUCKDB_TYPE_UINTEGER: return duckdb_create_uint32(load(row, as: UInt32.self))
        case DUCKDB_TYPE_UBIGINT: return duckdb_create_uint64(load(row, as: UInt64.self))
        case DUCKDB_TYPE_HUGEINT: return duckdb_create_hugeint(load(row, as: duckdb_hugeint.self))
        case DUCKDB_TYPE_UHUGEINT: return duckdb_create_uhugeint(load(row, as: duckdb_uhugeint.self))
        case DUCKDB_TYPE_FLOAT: return duckdb_create_float(load(row, as: Float.self))
        case DUCKDB_TYPE_DOUBLE: return duckdb_create_double(load(row, as: Double.self))
        case DUCKDB_TYPE_DECIMAL: return decimalValue(row)
        case DUCKDB_TYPE_DATE: return duckdb_create_date(load(row, as: duckdb_date.self))
        case DUCKDB_TYPE_TIME: return duckdb_create_time(load(row, as: duckdb_time.self))
        case DUCKDB_TYPE_TIME_NS: return duckdb_create_time_ns(load(row, as: duckdb_time_ns.self))
        case DUCKDB_TYPE_TIME_TZ: return duckdb_create_time_tz_value(load(row, as: duckdb_time_tz.self))
        case DUCKDB_TYPE_TIMESTAMP: return duckdb_create_timestamp(load(row, as: duckdb_timestamp.self))
        case DUCKDB_TYPE_TIMESTAMP_S: return duckdb_create_timestamp_s(load(row, as: duckdb_timestamp_s.self))
        case DUCKDB_TYPE_TIMESTAMP_MS: return duckdb_create_timestamp_ms(load(row, as: duckdb_timestamp_ms.self))
        case DUCKDB_TYPE_TIMESTAMP_NS: return duckdb_create_timestamp_ns(load(row, as: duckdb_timestamp_ns.self))
        case DUCKDB_TYPE_TIMESTAMP_TZ: return duckdb_create_timestamp_tz(load(row, as: duckdb_timestamp.self))
        case DUCKDB_TYPE_INTERVAL: return duckdb_create_interval(load(row, as: duckdb_interval.self))
        case DUCKDB_TYPE_UUID:
            let bits = uuid(row)
            return duckdb_create_uuid(
                duckdb_uhugeint(lower: UInt64(truncatingIfNeeded: bits), upper: UInt64(truncatingIfNeeded: bits >> 64)))
        case DUCKDB_TYPE_ENUM: return enumerationValue(row)
        case DUCKDB_TYPE_VARCHAR:
            let bytes = bytes(row)
            return bytes.withMemoryRebound(to: CChar.self) {
                duckdb_create_varchar_length($0.baseAddress, idx_t($0.count))
            }
        case DUCKDB_TYPE_BLOB:
            let bytes = bytes(row)
            return duckdb_create_blob(bytes.baseAddress, idx_t(bytes.count))
        case DUCKDB_TYPE_BIT:
            let bytes = bytes(row)
            return duckdb_create_bit(
                duckdb_bit(data: UnsafeMutablePointer(mutating: bytes.baseAddress), size: idx_t(bytes.count)))
        default: return nil
        }
    }

    /// A DECIMAL is kept in the narrowest integer that holds its width.
    private func decimalValue(_ row: Int) -> duckdb_value? {
        let unscaled: duckdb_hugeint
        switch duckdb_decimal_internal_type(type.handle) {
        case DUCKDB_TYPE_SMALLINT: unscaled = Self.widened(Int64(load(row, as: Int16.self)))
        case DUCKDB_TYPE_INTEGER: unscaled = Self.widened(Int64(load(row, as: Int32.self)))
        case DUCKDB_TYPE_BIGINT: unscaled = Self.widened(load(row, as: Int64.self))
        default: unscaled = load(row, as: duckdb_hugeint.self)
        }
        return duckdb_create_decimal(
            duckdb_decimal(
                width: duckdb_decimal_width(type.handle), scale: duckdb_decimal_scale(type.handle), value: unscaled))
    }

    private static func widened(_ value: Int64) -> duckdb_hugeint {
        duckdb_hugeint(lower: UInt64(bitPattern: value), upper: value < 0 ? -1 : 0)
    }

    /// An ENUM is kept as its place in the dictionary, in the narrowest integer that holds the dictionary's size.
    private func enumerationValue(_ row: Int) -> duckdb_value? {
        let place: UInt64
        switch duckdb_enum_internal_type(type.handle) {
        case DUCKDB_TYPE_UTINYINT: place = UInt64(load(row, as: UInt8.self))
        case DUCKDB_TYPE_USMALLINT: place = UInt64(load(row, as: UInt16.self))
        default: place = UInt64(load(row, as: UInt32.self))
        }
        return duckdb_create_enum_value(type.handle, place)
    }
}
