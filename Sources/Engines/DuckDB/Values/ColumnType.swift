import CDuckDB

/// The type of a column, as SQL knows it.
public indirect enum ColumnType: Sendable, Hashable {
    case boolean
    case tinyint, smallint, integer, bigint, hugeint
    case utinyint, usmallint, uinteger, ubigint, uhugeint
    case float, double
    case decimal(width: Int, scale: Int)
    /// Text; `JSON` too, which the engine keeps as text.
    case varchar
    case blob, bit, uuid
    case date, time, timeNanoseconds, timeWithZone, interval
    /// Microseconds without a zone.
    case timestamp
    case timestampSeconds, timestampMilliseconds, timestampNanoseconds
    /// Microseconds of UTC, shown in the session's zone.
    case timestampWithZone
    case enumeration([String])
    case list(ColumnType)
    case array(ColumnType, count: Int)
    case structure([Field])
    case map(key: ColumnType, value: ColumnType)
    case union([Field])
    /// A type without a reading of its own here (VARIANT, GEOMETRY, BIGNUM, ...), by the engine's number.
    case other(UInt32)

    /// A member of a structure or union.
    public struct Field: Sendable, Hashable {
        /// Its name.
        public let name: String
        /// Its type.
        public let type: ColumnType

        /// Names a type.
        public init(name: String, type: ColumnType) {
            self.name = name
            self.type = type
        }
    }
}

/// A column of a result.
public struct Column: Sendable, Hashable {
    /// Its name; names may repeat.
    public let name: String
    /// Its type.
    public let type: ColumnType
}

extension ColumnType {
    private static let simple: [UInt32: ColumnType] = [
        DUCKDB_TYPE_BOOLEAN.rawValue: .boolean,
        DUCKDB_TYPE_TINYINT.rawValue: .tinyint, DUCKDB_TYPE_SMALLINT.rawValue: .smallint,
        DUCKDB_TYPE_INTEGER.rawValue: .integer, DUCKDB_TYPE_BIGINT.rawValue: .bigint,
        DUCKDB_TYPE_HUGEINT.rawValue: .hugeint,
        DUCKDB_TYPE_UTINYINT.rawValue: .utinyint, DUCKDB_TYPE_USMALLINT.rawValue: .usmallint,
        DUCKDB_TYPE_UINTEGER.rawValue: .uinteger, DUCKDB_TYPE_UBIGINT.rawValue: .ubigint,
        DUCKDB_TYPE_UHUGEINT.rawValue: .uhugeint,
        DUCKDB_TYPE_FLOAT.rawValue: .float, DUCKDB_TYPE_DOUBLE.rawValue: .double,
        DUCKDB_TYPE_VARCHAR.rawValue: .varchar, DUCKDB_TYPE_BLOB.rawValue: .blob, DUCKDB_TYPE_BIT.rawValue: .bit,
        DUCKDB_TYPE_UUID.rawValue: .uuid, DUCKDB_TYPE_DATE.rawValue: .date, DUCKDB_TYPE_TIME.rawValue: .time,
        DUCKDB_TYPE_TIME_NS.rawValue: .timeNanoseconds, DUCKDB_TYPE_TIME_TZ.rawValue: .timeWithZone,
        DUCKDB_TYPE_INTERVAL.rawValue: .interval, DUCKDB_TYPE_TIMESTAMP.rawValue: .timestamp,
        DUCKDB_TYPE_TIMESTAMP_S.rawValue: .timestampSeconds, DUCKDB_TYPE_TIMESTAMP_MS.rawValue: .timestampMilliseconds,
        DUCKDB_TYPE_TIMESTAMP_NS.rawValue: .timestampNanoseconds,
        DUCKDB_TYPE_TIMESTAMP_TZ.rawValue: .timestampWithZone,
    ]

    /// Reads the engine's description of a type.
    init(_ type: LogicalType) {
        let handle = type.handle
        switch type.id {
        case DUCKDB_TYPE_DECIMAL:
            self = .decimal(width: Int(duckdb_decimal_width(handle)), scale: Int(duckdb_decimal_scale(handle)))
        case DUCKDB_TYPE_ENUM:
            let count = duckdb_enum_dictionary_size(handle)
            self = .enumeration((0..<count).map { Self.taken(duckdb_enum_dictionary_value(handle, idx_t($0))) })
        case DUCKDB_TYPE_LIST:
            self = .list(ColumnType(LogicalType(duckdb_list_type_child_type(handle))))
        case DUCKDB_TYPE_ARRAY:
            self = .array(
                ColumnType(LogicalType(duckdb_array_type_child_type(handle))),
                count: Int(duckdb_array_type_array_size(handle)))
        case DUCKDB_TYPE_STRUCT:
            self = .structure(
                (0..<duckdb_struct_type_child_count(handle)).map { index in
                    Field(
                        name: Self.taken(duckdb_struct_type_child_name(handle, index)),
                        type: ColumnType(LogicalType(duckdb_struct_type_child_type(handle, index))))
                })
        case DUCKDB_TYPE_MAP:
            self = .map(
                key: ColumnType(LogicalType(duckdb_map_type_key_type(handle))),
                value: ColumnType(LogicalType(duckdb_map_type_value_type(handle))))
        case DUCKDB_TYPE_UNION:
            self = .union(
                (0..<duckdb_union_type_member_count(handle)).map { index in
                    Field(
                        name: Self.taken(duckdb_union_type_member_name(handle, index)),
                        type: ColumnType(LogicalType(duckdb_union_type_member_type(handle, index))))
                })
        case let id:
            self = Self.simple[id.rawValue] ?? .other(id.rawValue)
        }
    }

    /// Copies and frees a text that the engine allocated.
    private static func taken(_ text: UnsafeMutablePointer<CChar>?) -> String {
        defer { duckdb_free(text) }
        return text.map { String(cString: $0) } ?? ""
    }
}
