public import Text

/// Why one event was not stored, in words that name the field and the way out.
public struct EventRejection: Error, Sendable, Equatable {
    /// The kinds of reasons, as rejections are counted and shown.
    public enum Reason: String, Sendable, CaseIterable {
        case malformed
        case missingField = "missing_field"
        case wrongType = "wrong_type"
        case emptyValue = "empty_value"
        case tooLong = "too_long"
        case tooManyProperties = "too_many_properties"
        case propertiesTooLarge = "properties_too_large"
        case outOfRange = "out_of_range"
        case unknownValue = "unknown_value"
        case timestampMalformed = "timestamp_malformed"
        case timestampInFuture = "timestamp_in_future"
        case timestampTooOld = "timestamp_too_old"
        case denied
    }

    public let reason: Reason
    /// Where in the event, such as `metadata.plan`; empty for the event as a whole.
    public let field: String
    public let message: String
    /// Members of the event that nothing reads: what is missing may stand under another name.
    public internal(set) var unknown: [UnknownName] = []

    public init(_ reason: Reason, field: String, _ message: String) {
        self.reason = reason
        self.field = field
        self.message = message
    }
}
