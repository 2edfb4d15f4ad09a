import EventStore
import Events
import JSON
import Time

/// A custom event: `CustomEvent` and `PxCustomEvent` of the contract.
///
/// Its attributes are the event's properties. What the vendor's clients say beside them and no column has is kept as one more
/// property, ``contextName``, so that it comes back as it was.
struct CustomEvent {
    /// The property with what stood beside the attributes.
    static let contextName = "$context"

    private let call: EventCall
    private let object: JSONNode

    init(_ call: EventCall, _ object: JSONNode) {
        self.call = call
        self.object = object
    }

    /// Members that have a column of their own, or are the attributes.
    private static let placed: [StaticString] = [
        "identifyId", "accountId", "eventName", "date", "attributes", "referrer", "sessionId", "eventId",
    ]

    /// For properties that would be taken for what stood beside them.
    static func reserved(_ field: String) -> EventRejection {
        EventRejection(
            .unknownValue, field: "\(field).\(contextName)",
            "\(field) must not have a member \(contextName); call it something else.")
    }

    /// Begins the event and fills it in.
    func add(to builder: inout EventBatchBuilder) throws(EventRejection) {
        builder.begin(
            .track, in: call.stream, source: call.defaultSource ?? .backendHTTP, surface: call.surface,
            occurredAt: try time())
        try EventText.copy(try required("identifyId"), "identifyId", to: .userID, in: &builder, call.limits)
        try EventText.copy(try required("eventName"), "eventName", to: .eventName, in: &builder, call.limits)
        try EventText.copyOptional(
            given("accountId"), "accountId", to: .companyID, in: &builder, maximum: call.limits.idLength)
        try EventText.copyOptional(given("referrer"), "referrer", to: .referrer, in: &builder, maximum: 2_048)
        try EventText.copyOptional(given("sessionId"), "sessionId", to: .session, in: &builder, maximum: 255)
        try EventText.copyOptional(
            given("eventId"), "eventId", to: .clientEventID, in: &builder, maximum: call.limits.clientEventIDLength)
        if let page = given("url")?.string.flatMap({ PageAddress($0) }) {
            builder.set(.hostname, to: page.hostname)
            builder.set(.pathname, to: page.pathname)
        }
        try setProperties(in: &builder)
    }

    private func given(_ name: String) -> JSONNode? {
        object[name].flatMap { $0.isNull ? nil : $0 }
    }

    private func required(_ name: String) throws(EventRejection) -> JSONNode {
        guard let node = given(name) else {
            throw EventRejection(.missingField, field: name, "\(name) is required.")
        }
        return node
    }

    /// Milliseconds since the epoch, or ISO 8601; now where nothing is said.
    private func time() throws(EventRejection) -> Timestamp {
        guard let node = given("date") else { return call.now }
        guard let time = Timestamp(gainsight: node.value) else {
            throw EventRejection(
                .timestampMalformed, field: "date",
                "date must be milliseconds since 1970, or an ISO 8601 time such as 2025-05-11T07:45:30.123Z.")
        }
        try call.check(time, field: "date")
        return time
    }

    private func setProperties(in builder: inout EventBatchBuilder) throws(EventRejection) {
        var properties = JSONObject()
        if let attributes = given("attributes") {
            guard attributes.kind == .object else {
                throw EventRejection(
                    .wrongType, field: "attributes", "attributes must be an object, got \(attributes.kind.phrase).")
            }
            guard attributes[Self.contextName] == nil else { throw Self.reserved("attributes") }
            for member in attributes.members { properties[member.key] = member.value.value }
        }
        var context = JSONObject()
        for member in object.members where !Self.placed.contains(where: member.value.hasKey) {
            context[member.key] = member.value.value
        }
        if !context.isEmpty { properties[Self.contextName] = .object(context) }
        guard !properties.isEmpty else { return }
        try EventProperties(properties, field: "attributes").set(
            in: &builder, call.limits, maximumBytes: call.limits.eventPropertiesBytes)
    }
}
