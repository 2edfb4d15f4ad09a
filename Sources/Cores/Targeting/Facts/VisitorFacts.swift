public import JSON
public import Text

/// All that is known about a visitor when rules are evaluated.
///
/// What is nil is unknown: a rule that asks for it does not match, negated or not. With nothing but the two sets of
/// attributes the answers are those of the official SDKs, which know nothing else.
public struct VisitorFacts: Sendable {
    /// What the application says about the visitor; audiences look here for the attributes that rules name.
    public var attributes: [ClientText: JSONValue]
    /// What the application says about the place it asks from; locations and site areas look here.
    public var locationAttributes: [ClientText: JSONValue]
    /// The visitor's id.
    public var visitorID: String?

    /// The page the visitor is on.
    public var page: PageAddress?
    /// The page's tags, by the rule type that asks for them, such as `.productSKU`.
    public var pageTags: [RuleType: JSONValue] = [:]
    /// Where the visitor comes from.
    public var source = VisitSource()

    /// ISO 3166-1 code of two letters.
    public var country: String?
    /// Name of the region.
    public var region: String?
    /// Name of the city.
    public var city: String?
    /// ISO 639-1 code of two letters.
    public var language: String?
    /// Name of the weather condition at the visitor's place.
    public var weatherCondition: String?

    /// The browser and its device.
    public var device = DeviceFacts()
    /// The values of the browser's cookies; nil when unknown, empty when there are none.
    public var cookies: [ClientText: String]?
    /// What conditions written in JavaScript gave in the visitor's browser, by their code.
    public var scriptConditions: [ClientText: Bool] = [:]

    /// The visitor's visits.
    public var visits = VisitFacts()

    /// The arms the visitor is in: variation ids by experience id. Nobody stored is in none.
    public var buckets: [ClientText: String] = [:]
    /// Ids of the segments the visitor is in; nil when unknown.
    public var segments: Set<ClientText>?
    /// Ids of the goals the visitor has reached; nil when unknown.
    public var goals: Set<ClientText>?

    /// The time where the visitor is.
    public var localTime: ClockFacts?
    /// The time where the project is.
    public var projectTime: ClockFacts?

    /// Facts of which only the attributes are known.
    public init(
        attributes: [ClientText: JSONValue] = [:], locationAttributes: [ClientText: JSONValue] = [:],
        visitorID: String? = nil
    ) {
        self.attributes = attributes
        self.locationAttributes = locationAttributes
        self.visitorID = visitorID
    }
}
