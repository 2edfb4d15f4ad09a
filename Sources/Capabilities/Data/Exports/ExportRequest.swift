public import EventStore
import JSON
public import Time

/// What an export is asked to hold (contract schema `ExportRequest`).
public struct ExportRequest: Sendable, Equatable {
    /// First day, UTC.
    public var from: CalendarDate
    /// Last day, UTC, included.
    public var to: CalendarDate
    public var format: ExportFormat
    /// Of files in ``ExportFormat/parquet``; others are texts.
    public var types = ExportTypes.text
    public var eventTypes: [EventType]
    /// Of experiments; none unless they are asked for by name.
    public var experimentKinds: [ExperimentEvent.Kind] = []
    /// Empty means all.
    public var userIDs: [String]
    /// Empty means all.
    public var companyIDs: [String]
    public var segmentID: Int64?
    /// Whether users and companies on the exclusion list are left out.
    public var leavesOutExcluded: Bool
    /// Who is told when the export is ready.
    public var emails: [String]

    /// What an export holds that names no types: the contract's default.
    public static let defaultEventTypes: [EventType] = [
        .identifyUser, .identifyCompany, .pageView, .track, .trackFeature, .interaction,
    ]

    public init(
        from: CalendarDate, to: CalendarDate, format: ExportFormat = .json,
        eventTypes: [EventType] = ExportRequest.defaultEventTypes, userIDs: [String] = [], companyIDs: [String] = [],
        segmentID: Int64? = nil, leavesOutExcluded: Bool = false, emails: [String] = []
    ) {
        self.from = from
        self.to = to
        self.format = format
        self.eventTypes = eventTypes
        self.userIDs = userIDs
        self.companyIDs = companyIDs
        self.segmentID = segmentID
        self.leavesOutExcluded = leavesOutExcluded
        self.emails = emails
    }
}

// A job's payload outlives the process, so the request is stored as JSON.
extension ExportRequest {
    var json: JSONValue {
        var json: JSONValue = [
            "from": .string(from.description), "to": .string(to.description), "format": .string(format.rawValue),
            "event_types": .array(eventTypeNames.map { .string($0) }), "user_ids": .array(userIDs.map { .string($0) }),
            "company_ids": .array(companyIDs.map { .string($0) }),
            "segment_id": segmentID.map { .integer($0) } ?? .null,
            "exclusions": .bool(leavesOutExcluded), "emails": .array(emails.map { .string($0) }),
        ]
        if types != .text { json["types"] = .string(types.rawValue) }
        return json
    }

    private var eventTypeNames: [String] { eventTypes.map(\.name) + experimentKinds.map(\.rawValue) }

    init?(json: JSONValue) {
        guard let from = json["from"]?.string.flatMap({ CalendarDate($0) }),
            let to = json["to"]?.string.flatMap({ CalendarDate($0) }),
            let format = json["format"]?.string.flatMap(ExportFormat.init(rawValue:))
        else { return nil }
        func texts(_ key: String) -> [String] { json[key]?.array?.compactMap(\.string) ?? [] }
        self.init(
            from: from, to: to, format: format, eventTypes: texts("event_types").compactMap { EventType(name: $0) },
            userIDs: texts("user_ids"), companyIDs: texts("company_ids"), segmentID: json["segment_id"]?.int64,
            leavesOutExcluded: json["exclusions"]?.bool ?? false, emails: texts("emails"))
        types = json["types"]?.string.flatMap(ExportTypes.init(rawValue:)) ?? .text
        experimentKinds = texts("event_types").compactMap(ExperimentEvent.Kind.init(rawValue:))
    }
}
