public import EventStore
public import Events
public import JSON
import Time

/// Raw events of Segment's, as its destination pushes them: `identify`, `group`, `track`, `page` and `screen`.
///
/// What has no column of its own is kept as ``CustomEvent/contextName``, so that nothing of it is lost.
public struct SegmentEvents: EventForm {
    public init() {}

    /// - Throws: `EventRejection`, with the batch as it was.
    @discardableResult
    public func decode(
        _ object: JSONNode, _ call: EventCall, derivedEventID: String?, into builder: inout EventBatchBuilder
    ) throws(EventRejection) -> Int {
        let countBefore = builder.count
        do throws(EventRejection) {
            try SegmentEvent(call, object, derivedEventID).add(to: &builder)
        } catch {
            builder.discard(downTo: countBefore)
            throw error
        }
        return builder.count - 1
    }

    public func address(in object: JSONNode) -> JSONNode? { object["context"]?["ip"] }
}

private struct SegmentEvent {
    private let call: EventCall
    private let object: JSONNode
    /// What it is known by when it brings no `messageId`.
    private let derivedEventID: String?

    init(_ call: EventCall, _ object: JSONNode, _ derivedEventID: String?) {
        self.call = call
        self.object = object
        self.derivedEventID = derivedEventID
    }

    private static let kinds = "identify, group, track, page or screen"

    func add(to builder: inout EventBatchBuilder) throws(EventRejection) {
        guard object.kind == .object else {
            throw EventRejection(.wrongType, field: "", "An event must be an object, got \(object.kind.phrase).")
        }
        switch given("type")?.string {
        case "identify": try addIdentify(to: &builder)
        case "group": try addGroup(to: &builder)
        case "track":
            try begin(.track, in: &builder)
            guard let name = given("event") else {
                throw EventRejection(.missingField, field: "event", "event is required for track.")
            }
            try EventText.copy(name, "event", to: .eventName, in: &builder, call.limits)
            try finish(object["properties"], "properties", in: &builder)
        case "page", "screen":
            try begin(.pageView, in: &builder)
            try finish(object["properties"], "properties", in: &builder)
        default:
            throw EventRejection(.unknownValue, field: "type", "type must be one of \(Self.kinds).")
        }
    }

    private func addIdentify(to builder: inout EventBatchBuilder) throws(EventRejection) {
        try begin(.identifyUser, in: &builder)
        let traits = given("traits")
        if let account = traits?["accountId"] ?? traits?["company"]?["id"], account.kind == .string,
            !account.isString("")
        {
            try EventText.copy(account, "traits.accountId", to: .companyID, in: &builder, call.limits)
        }
        try finish(traits, "traits", of: .user, in: &builder)
    }

    /// The account's own event, after one that brings the user into it.
    private func addGroup(to builder: inout EventBatchBuilder) throws(EventRejection) {
        guard let group = given("groupId") else {
            throw EventRejection(.missingField, field: "groupId", "groupId is required for group.")
        }
        if given("userId") != nil || given("anonymousId") != nil {
            try begin(.identifyUser, in: &builder)
            try EventText.copy(group, "groupId", to: .companyID, in: &builder, call.limits)
            if let message = given("messageId")?.string ?? derivedEventID {
                builder.set(.clientEventID, to: "member by \(message)")
            }
            builder.finish(in: call.stream)
        }
        try begin(.identifyCompany, named: false, in: &builder)
        try EventText.copy(group, "groupId", to: .companyID, in: &builder, call.limits)
        try finish(given("traits"), "traits", of: .account, in: &builder)
    }

    private func begin(
        _ type: EventType, named: Bool = true, in builder: inout EventBatchBuilder
    ) throws(EventRejection) {
        builder.begin(
            type, in: call.stream, source: .backendSegment, surface: call.surface, occurredAt: try time())
        guard named else { return }
        guard let user = given("userId") ?? given("anonymousId") else {
            throw EventRejection(.missingField, field: "userId", "userId or anonymousId is required.")
        }
        try EventText.copy(user, "userId", to: .userID, in: &builder, call.limits)
        try setPage(in: &builder)
    }

    private func given(_ name: String) -> JSONNode? {
        object[name].flatMap { $0.isNull || $0.isString("") ? nil : $0 }
    }

    private func time() throws(EventRejection) -> Timestamp {
        guard let node = given("timestamp") ?? given("originalTimestamp") else { return call.now }
        guard let time = Timestamp(gainsight: node.value) else {
            throw EventRejection(
                .timestampMalformed, field: "timestamp",
                "timestamp must be an ISO 8601 time such as 2025-05-11T07:45:30.123Z.")
        }
        try call.check(time, field: "timestamp")
        return time
    }

    /// Where it happened; what is of a wrong type or too long stays in the context only.
    private func setPage(in builder: inout EventBatchBuilder) throws(EventRejection) {
        let (properties, page) = (object["properties"], object["context"]?["page"])
        func text(_ name: String) -> String? {
            let text = properties?[name]?.string ?? page?[name]?.string
            return text.flatMap { (1...2_048).contains($0.utf8.count) ? $0 : nil }
        }
        if let address = text("url").flatMap({ PageAddress($0) }) {
            builder.set(.hostname, to: address.hostname)
            builder.set(.pathname, to: address.pathname)
        } else if let path = text("path") {
            builder.set(.pathname, to: path)
        }
        if let referrer = text("referrer") { builder.set(.referrer, to: referrer) }
        guard let name = object["context"]?["userAgent"]?.string, (1...1_024).contains(name.utf8.count) else { return }
        builder.set(.userAgent, to: name)
        let agent = UserAgent(name)
        if let browser = agent.browser { builder.set(.browser, to: browser) }
        if let system = agent.operatingSystem { builder.set(.operatingSystem, to: system) }
        if let device = agent.deviceType { builder.set(.deviceType, to: device) }
    }

    /// Members that have a column of their own.
    private static let placed: [StaticString] = [
        "type", "userId", "groupId", "event", "properties", "traits", "timestamp", "messageId",
    ]

    /// Sets the properties, and what else the event says.
    /// - Parameter subject: whose traits they are; nil for an event's properties.
    private func finish(
        _ node: JSONNode?, _ field: StaticString, of subject: ProfileEvent.Subject? = nil,
        in builder: inout EventBatchBuilder
    ) throws(EventRejection) {
        var properties = JSONObject()
        if let node, !node.isNull {
            guard node.kind == .object else {
                throw EventRejection(
                    .wrongType, field: "\(field)", "\(field) must be an object, got \(node.kind.phrase).")
            }
            guard subject != nil || node[CustomEvent.contextName] == nil else { throw CustomEvent.reserved("\(field)") }
            for member in node.members {
                guard let fields = subject?.fields else {
                    properties[member.key] = member.value.value
                    continue
                }
                if fields[member.key].map(\.isWritable) ?? true { properties[member.key] = member.value.value }
            }
        }
        if subject == nil {
            var context = JSONObject()
            for member in object.members where !Self.placed.contains(where: member.value.hasKey) {
                context[member.key] = member.value.value
            }
            if !context.isEmpty { properties[CustomEvent.contextName] = .object(context) }
        }
        if !properties.isEmpty {
            try EventProperties(properties, field: field).set(
                in: &builder, call.limits, maximumBytes: subject == nil ? call.limits.eventPropertiesBytes : nil)
        }
        if let message = given("messageId") {
            try EventText.copyOptional(
                message, "messageId", to: .clientEventID, in: &builder, maximum: call.limits.clientEventIDLength)
        } else if let derivedEventID {
            builder.set(.clientEventID, to: derivedEventID)
        }
        builder.finish(in: call.stream)
    }
}
