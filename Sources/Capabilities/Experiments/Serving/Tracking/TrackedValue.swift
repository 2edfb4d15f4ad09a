/// A value that is left out of what is stored, where the rest is not.
public enum TrackedValue: String, Sendable, CaseIterable {
    /// Text that is no decimal number, or something that is no text.
    case amount
    case productsCount = "products_count"
    /// Neither text nor a number, or longer than 255 bytes.
    case transactionID = "transaction_id"
    /// Of the values of a goal, one with a name that means nothing, or one that is no list of names and values.
    case goalData = "goal_data"
    /// Something that names no variation of an experience.
    case bucketingData = "bucketing_data"
    /// Something that is not the list of segments, or a segment with a name that means nothing.
    case segments
    case browser
    case devices
    case source
    case campaign
    case visitorType = "visitor_type"
    case country
    case customSegments = "custom_segments"
}
