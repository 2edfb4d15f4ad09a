/// A value on its way into a statement or an appender, or out of a result whose types are not known beforehand.
public enum Value: Sendable, Equatable {
    case null
    case bool(Bool)
    case int64(Int64)
    case uint64(UInt64)
    case double(Double)
    case string(String)
    case blob([UInt8])
    /// Microseconds since 1970-01-01 00:00 UTC.
    case timestamp(Int64)
    /// The 128 bits of a UUID, its first byte the most significant.
    case uuid(UInt128)
    /// A list of texts (`VARCHAR[]`).
    case strings([String])
}

extension Value: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByStringInterpolation
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .int64(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(stringLiteral value: String) { self = .string(value) }
}
