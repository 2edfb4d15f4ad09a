import Events
import JSON
import Text

/// The members that an event object may have. Names are those of an exported row, so an exported row can be sent back.
enum EventKey: Int, CaseIterable {
    case eventType
    case eventName
    case userID
    case companyID
    case company
    case source
    case time
    case timestamp
    case eventID
    case clientEventID
    case url
    case hostname
    case pathname
    case referrer
    case screenWidth
    case screenHeight
    case deviceType
    case userAgent
    case operatingSystem
    case browser
    case browserLanguage
    case session
    case countryCode
    case properties

    var name: StaticString {
        switch self {
        case .eventType: "event_type"
        case .eventName: "event_name"
        case .userID: "user_id"
        case .companyID: "company_id"
        case .company: "company"
        case .source: "source"
        case .time: "inserted_at"
        case .timestamp: "timestamp"
        case .eventID: "event_id"
        case .clientEventID: "client_event_id"
        case .url: "url"
        case .hostname: "hostname"
        case .pathname: "pathname"
        case .referrer: "referrer"
        case .screenWidth: "screen_width"
        case .screenHeight: "screen_height"
        case .deviceType: "device_type"
        case .userAgent: "user_agent"
        case .operatingSystem: "operating_system"
        case .browser: "browser"
        case .browserLanguage: "browser_language"
        case .session: "session"
        case .countryCode: "country_code"
        case .properties: "metadata"
        }
    }

    /// The keys of each length, so that looking one up compares with one to three names.
    private static let byLength: [[EventKey]] = {
        var table: [[EventKey]] = Array(repeating: [], count: 32)
        for key in allCases { table[key.name.utf8CodeUnitCount].append(key) }
        return table
    }()

    /// The key that a member of an object stands under; nil for members that mean nothing here.
    static func of(_ member: JSONNode) -> EventKey? {
        let length = member.withKeyUTF8 { $0.count }
        guard length < byLength.count else { return nil }
        return byLength[length].first { member.hasKey($0.name) }
    }
}

extension EventKey {
    /// What else an exported row has.
    private static let exported = Set((ExportedRow.columns + ["received_at"]).map { ClientText($0) })

    /// Members of an event that nothing reads.
    static func unknownMembers(of object: JSONNode) -> [JSONNode] {
        var unknown: [JSONNode] = []
        for member in object.members where of(member.value) == nil && !member.value.isNull {
            if !exported.contains(ClientText(member.key)) { unknown.append(member.value) }
        }
        return unknown
    }

    /// What other programs call the members of an event.
    static let suggestions = NameSuggestions(
        allCases.map { "\($0.name)" },
        meanings: [
            "properties": "metadata", "props": "metadata", "attributes": "metadata", "traits": "metadata",
            "data": "metadata", "event_properties": "metadata", "user_properties": "metadata", "event": "event_name",
            "type": "event_type", "distinct_id": "user_id", "identify_id": "user_id",
            "visitor_id": "user_id", "uid": "user_id", "account_id": "company_id", "group_id": "company_id",
            "organization_id": "company_id", "group": "company", "organization": "company", "account": "company",
            "time": "inserted_at", "occurred_at": "inserted_at",
            "message_id": "event_id",
            "insert_id": "event_id", "idempotency_key": "event_id", "os": "operating_system", "device": "device_type",
            "host": "hostname", "path": "pathname", "page_url": "url", "locale": "browser_language",
            "language": "browser_language", "country": "country_code", "session_id": "session",
            "referer": "referrer",
        ])
}

/// The members of one event object, found in a single pass; those that are null count as absent.
struct EventMembers: ~Copyable {
    private var nodes = InlineArray<24, JSONNode?>(repeating: nil)

    init(of object: JSONNode) {
        for member in object.members where !member.value.isNull {
            if let key = EventKey.of(member.value) { nodes[key.rawValue] = member.value }
        }
    }

    subscript(key: EventKey) -> JSONNode? { nodes[key.rawValue] }
}
