import EventStore
import Exports
import Gateway
import HTTPTypes
import JSON
import Mailer
import Time

extension ExportRequest {
    /// Addresses told about one export.
    private static let maximumEmails = 20
    /// Ids in one filter.
    private static let maximumIDs = 10_000
    /// The longest span of one export, in days: a little over a century.
    private static let maximumDays = 40_000

    /// The first day of year 1, a Monday: the calendar of files and weeks knows no year before it.
    private static let firstDay = CalendarDate(daysSinceEpoch: -719_162)

    /// Reads what the contract's types leave open: days that exist, known event types, the two forms of `segment_id`
    /// (a number, or its digits) and `exclusions` (true, or `"true"`): clients send both. Unknown members are ignored.
    init(_ body: JSONNode) throws(APIError) {
        guard body.kind == .object else {
            throw APIError(.badRequest, "The body must be an object, got \(body.kind.phrase).")
        }
        let from = try Self.day(body, "from")
        let to = try Self.day(body, "to")
        guard from <= to else { throw APIError.invalid("from", "from (\(from)) must not be after to (\(to)).") }
        guard to.daysSinceEpoch - from.daysSinceEpoch <= Self.maximumDays else {
            throw APIError.invalid("to", "One export may span at most \(Self.maximumDays) days.")
        }
        self.init(from: from, to: to)
        if let format = try Self.text(body, "format") {
            guard let known = ExportFormat(rawValue: format) else {
                let names = ExportFormat.allCases.map(\.rawValue).joined(separator: ", ")
                throw APIError.invalid("format", "format must be one of \(names).")
            }
            self.format = known
        }
        try readTypes(body)
        let types = try Self.texts(body, "event_type")
        if !types.isEmpty {
            experimentKinds = types.compactMap(ExperimentEvent.Kind.init(rawValue:))
            eventTypes = try types.filter { ExperimentEvent.Kind(rawValue: $0) == nil }
                .map { (name) throws(APIError) in try Self.eventType(name) }
        }
        userIDs = try Self.texts(body, "user_id")
        companyIDs = try Self.texts(body, "company_id")
        segmentID = try Self.segment(body["segment_id"])
        leavesOutExcluded = try Self.flag(body["exclusions"])
        emails = try Self.emails(body)
    }

    /// `types` is Sextant's own.
    private mutating func readTypes(_ body: JSONNode) throws(APIError) {
        guard let name = try Self.text(body, "types") else { return }
        guard let known = ExportTypes(rawValue: name) else {
            throw APIError.invalid("types", "types must be text or native.")
        }
        guard known == .text || format == .parquet else {
            throw APIError.invalid(
                "types", "types can be native in files of the format parquet only: ask for that, or leave types out.")
        }
        self.types = known
    }

    private static func day(_ body: JSONNode, _ field: String) throws(APIError) -> CalendarDate {
        guard let text = try text(body, field) else {
            throw APIError.invalid(field, "\(field) is required: a day such as 2024-05-02.")
        }
        guard let day = CalendarDate(text), day >= firstDay else {
            throw APIError.invalid(
                field, "\(field) must be a day that exists, written YYYY-MM-DD, from \(firstDay) to 9999-12-31.")
        }
        return day
    }

    private static func text(_ body: JSONNode, _ field: String) throws(APIError) -> String? {
        guard let node = body[field] else { return nil }
        guard let text = node.string else {
            throw APIError.invalid(field, "\(field) must be a string, got \(node.kind.phrase).")
        }
        return text
    }

    private static func texts(_ body: JSONNode, _ field: String) throws(APIError) -> [String] {
        guard let node = body[field] else { return [] }
        guard node.kind == .array, node.elements.allSatisfy({ $0.kind == .string }) else {
            throw APIError.invalid(field, "\(field) must be an array of strings.")
        }
        guard node.count <= maximumIDs else {
            throw APIError.invalid(field, "\(field) may name at most \(maximumIDs) values.")
        }
        return node.elements.compactMap(\.string)
    }

    private static func eventType(_ name: String) throws(APIError) -> EventType {
        guard let type = EventType(name: name) else {
            let names = (EventType.allCases.map(\.name) + ExperimentEvent.Kind.allCases.map(\.rawValue))
                .joined(separator: ", ")
            throw APIError.invalid("event_type", "event_type may hold \(names); \(name.prefix(64)) is none of them.")
        }
        return type
    }

    private static func segment(_ node: JSONNode?) throws(APIError) -> Int64? {
        guard let node, !node.isNull, !node.isString("") else { return nil }
        guard let id = node.int64 ?? node.string.flatMap({ Int64($0) }) else {
            throw APIError.invalid("segment_id", "segment_id must be a segment's id, as a number or a string.")
        }
        return id
    }

    private static func flag(_ node: JSONNode?) throws(APIError) -> Bool {
        guard let node, !node.isNull else { return false }
        if let flag = node.bool { return flag }
        switch node.string {
        case "true": return true
        case "false": return false
        default: throw APIError.invalid("exclusions", "exclusions must be true or false.")
        }
    }

    private static func emails(_ body: JSONNode) throws(APIError) -> [String] {
        let emails = try texts(body, "emails")
        guard emails.count <= maximumEmails else {
            throw APIError.invalid("emails", "emails may hold at most \(maximumEmails) addresses.")
        }
        for (position, email) in emails.enumerated() {
            do throws(MailError) {
                _ = try EmailAddress(email)
            } catch {
                throw APIError.invalid("emails[\(position)]", "\(error)")
            }
        }
        return emails
    }
}
