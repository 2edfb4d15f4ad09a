public import Time

/// How large the parts of an event may be. The property limits are the vendor's documented ones.
public struct IngestionLimits: Sendable {
    /// Characters of ids and names.
    public var idLength = 255
    /// Characters of a client's event id as a row that was exported has it: ids that the server derives are longer.
    public var clientEventIDLength = 512
    /// Properties in one call, and in one profile.
    public var propertyCount = 500
    /// Characters of a property's name.
    public var propertyNameLength = 255
    /// Characters of a property's text.
    public var propertyValueLength = 65_535
    /// Bytes of all properties of one event together, as JSON; identify calls are bounded by the other limits only.
    public var eventPropertiesBytes = 64 * 1_024
    /// How far ahead of the server's clock an event's time may be.
    public var futureToleranceSeconds: Int64 = 24 * 3_600
    /// The earliest time an event may have.
    public var earliest = Timestamp(seconds: 0)

    public init() {}

    public static let standard = IngestionLimits()

    /// The vendor's own limit for a live `track` call.
    public static var track: IngestionLimits {
        var limits = IngestionLimits()
        limits.eventPropertiesBytes = 10 * 1_024
        return limits
    }
}
