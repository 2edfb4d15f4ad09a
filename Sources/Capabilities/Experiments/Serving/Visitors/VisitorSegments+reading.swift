public import JSON
import Text

extension VisitorSegments {
    /// Reads what a client sent: codes, or words for them, in text, numbers or lists. What cannot be a segment is left out.
    /// - Parameters:
    ///   - node: `segments` of a visitor; an empty array is what PHP makes of an empty map.
    ///   - leftOut: told of each member that was left out.
    public init(reading node: JSONNode?, leftOut: (TrackedValue) -> Void) {
        self.init()
        guard let node, !node.isNull, !(node.kind == .array && node.count == 0) else { return }
        guard node.kind == .object else {
            leftOut(.segments)
            return
        }
        var members = JSONObject()
        for member in node.members {
            let value = member.value
            if value.isNull || value.isString("") || (value.kind == .array && value.count == 0) { continue }
            guard let (stored, name) = Self.names(member.key) else {
                leftOut(.segments)
                continue
            }
            if let read = Self.read(value, name, leftOut) {
                members[stored] = read
            } else {
                leftOut(name)
            }
        }
        self.init(members)
    }

    /// The SDK for PHP writes two names in its own way, and pixels have three of their own.
    private static func names(_ name: String) -> (stored: String, value: TrackedValue)? {
        switch name {
        case "browser": ("browser", .browser)
        case "devices": ("devices", .devices)
        case "source": ("source", .source)
        case "campaign": ("campaign", .campaign)
        case "visitorType", "visitor_type", "new": ("visitorType", .visitorType)
        case "country", "ctry": ("country", .country)
        case "customSegments", "custom_segments", "cust": ("customSegments", .customSegments)
        default: nil
        }
    }

    /// Nil for what is left out as a whole; what is left out of a list, or cut, is told.
    private static func read(_ node: JSONNode, _ name: TrackedValue, _ leftOut: (TrackedValue) -> Void) -> JSONValue? {
        let texts = (node.kind == .array ? Array(node.elements) : [node]).map { $0.string ?? $0.plainNumber }
        let first = texts.first ?? nil
        if name != .devices, name != .customSegments {
            // There is one of them.
            for _ in texts.dropFirst() { leftOut(name) }
        }
        switch name {
        case .browser: return first.flatMap(SegmentWords.browser).map { .string($0) }
        case .source: return first.flatMap(SegmentWords.source).map { .string($0) }
        case .visitorType: return first.flatMap(SegmentWords.visitorType).map { .string($0) }
        case .country: return first.flatMap(CountryCode.of).map { .string($0) }
        case .campaign:
            if let first, first.unicodeScalars.count > maximumCampaignLength { leftOut(.campaign) }
            return first.map { .string($0) }
        case .devices:
            return list(texts, .devices, leftOut) { SegmentWords.devices($0)?.map { .string($0) } }
        default:
            let ids = list(texts, .customSegments, leftOut) { text in Int64(text).map { [.string(String($0))] } }
            for _ in (ids?.array ?? []).dropFirst(maximumSegments) { leftOut(.customSegments) }
            return ids
        }
    }

    private static func list(
        _ texts: [String?], _ name: TrackedValue, _ leftOut: (TrackedValue) -> Void,
        _ read: (String) -> [JSONValue]?
    ) -> JSONValue? {
        var values: [JSONValue] = []
        var unread = 0
        for text in texts {
            // Some send their lists as one text.
            let parts = text?.split(byte: ",") ?? []
            if parts.isEmpty { unread += 1 }
            for part in parts {
                if let found = read(part) { values += found } else { unread += 1 }
            }
        }
        if values.isEmpty { return nil }
        for _ in 0..<unread { leftOut(name) }
        return .array(values)
    }
}
