/// The texts that an event may carry. Each is a column of the log, see ``EventTable``.
public enum EventField: Int, Sendable, CaseIterable {
    case eventName
    case userID
    case companyID
    case hostname
    case pathname
    case referrer
    case operatingSystem
    case browser
    case browserLanguage
    case userAgent
    case deviceType
    case countryCode
    case session
    /// The event's properties: one JSON object, kept verbatim as it was sent.
    case properties
    /// The id the client gave the event, or one derived from its `Idempotency-Key`; what deduplication goes by.
    case clientEventID
    /// Where the address was that the event came from: a JSON object.
    case inferredLocation
}

/// Where the texts of one event lie: as many as there are fields.
typealias EventTexts = InlineArray<16, TextSlice>
