import EventStore
import JSON
import Text
import Time

/// An event of the log as the interface shows it.
struct ShownEvent {
    private let event: EventView
    private let identifier: EventIdentifier
    /// The event's properties without what stood beside them.
    let attributes: JSONObject
    /// What the client said beside the attributes.
    private let context: JSONObject

    init(_ event: EventView, _ identifier: EventIdentifier) {
        self.event = event
        self.identifier = identifier
        // What was stored is an object; should the log hold anything else, nothing is shown of it.
        var properties = event[.properties].flatMap { try? JSONValue(stored: $0) }?.object ?? JSONObject()
        context = properties[CustomEvent.contextName]?.object ?? JSONObject()
        properties[CustomEvent.contextName] = nil
        attributes = properties
    }

    /// The text of a field, empty when the event has none.
    func text(_ field: EventField) -> String { event[field] ?? "" }

    /// What the client said beside the attributes.
    func said(_ name: String) -> JSONValue? { context[name] }

    /// The event with the members that all events have (contract schema `EventBase`), and more.
    /// - Parameter more: what an event says itself changes none of those.
    func json(_ type: String, productKey: String, _ more: [(String, JSONValue)]) -> JSONValue {
        var shown = JSONObject([
            ("eventId", .string("\(identifier)")), ("identifyId", .string(text(.userID))),
            ("propertyKey", said("propertyKey") ?? .string(productKey)),
            ("date", .integer(event.occurredAt.milliseconds)), ("eventType", .string(type)),
            ("sessionId", .string(text(.session))), ("userType", said("userType") ?? "USER"),
            ("accountId", .string(text(.companyID))), ("globalContext", said("globalContext") ?? [:]),
        ])
        for (name, value) in more where shown[name] == nil { shown[name] = value }
        return .object(shown)
    }

    /// The address as the client gave it, else what is known of it.
    var url: String {
        let ofSegment = said("context")?["page"]?["url"]
        if let url = said("url")?.string ?? attributes["url"]?.string ?? ofSegment?.string { return url }
        let host = text(.hostname)
        return host.isEmpty ? text(.pathname) : "https://\(host)\(text(.pathname))"
    }

    var inferredLocation: JSONValue {
        if let location = event[.inferredLocation].flatMap({ try? JSONValue(stored: $0) }) {
            return location.wholeLocation
        }
        let country = text(.countryCode)
        return country.isEmpty ? .null : ["countryCode": .string(country)]
    }

    /// Contract schema `PageViewEvent`.
    var page: [(String, JSONValue)] {
        let address = PageParts(url)
        let language = text(.browserLanguage)
        func integer(_ value: Int32?) -> JSONValue { .integer(Int64(value ?? 0)) }
        return [
            ("scheme", .string(address.scheme)), ("host", .string(text(.hostname))),
            ("path", .string(text(.pathname))),
            ("queryString", attributes["queryString"] ?? .string(address.query)), ("hash", .string(address.fragment)),
            ("queryParams", address.parameters), ("remoteHost", said("remoteHost") ?? ""),
            ("referrer", .string(text(.referrer))), ("screenHeight", integer(event.screenHeight)),
            ("screenWidth", integer(event.screenWidth)),
            ("languages", .array(language.isEmpty ? [] : [.string(language)])),
            ("pageTitle", attributes["pageTitle"] ?? attributes["title"] ?? ""),
        ]
    }

    /// Contract schema `EngagementViewEvent`: the name says which content was met and what was done, as in `flow:448:SEEN`.
    var interaction: [(String, JSONValue)] {
        let parts = text(.eventName).split(byte: ":", maxSplits: 2, omittingEmptySubsequences: false)
        let action = parts.count > 2 ? parts[2] : ""
        let isClick = action.uppercased().containsBytes(of: "CLICK")
        let derived: [(String, JSONValue)] = [
            ("engagementId", .string(parts.count > 1 ? parts[1] : "")),
            ("engagementTrackType", isClick ? "ENGAGEMENT_CLICK" : "ENGAGEMENT_VIEW"),
            ("contentType", .string(Self.contentTypes.first { $0.kind == parts[0] }?.name ?? "")),
        ]
        return derived + attributes.members.map { ($0.key, $0.value) }
    }

    private static let contentTypes = [
        (kind: "flow", name: "IN_APP_GUIDE"), (kind: "experience", name: "IN_APP_GUIDE"),
        (kind: "banner", name: "IN_APP_DIALOG"), (kind: "embed", name: "IN_APP_DIALOG"),
        (kind: "spotlight", name: "IN_APP_DIALOG"), (kind: "checklist", name: "IN_APP_CAROUSEL"),
        (kind: "survey", name: "IN_APP_MULTIPLE_QUESTION_SURVEY"), (kind: "nps", name: "IN_APP_SURVEY_NPS"),
    ]
}
