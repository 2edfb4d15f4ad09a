import EventStore
public import JSON
import Text

/// What is known of a visitor, in the codes of SDKs (contract schema `VisitorSegments`).
public struct VisitorSegments: Sendable, Equatable {
    /// The members that are known, as they were sent.
    public private(set) var members: JSONObject

    private static let names = ["browser", "devices", "source", "campaign", "visitorType", "country", "customSegments"]

    /// Characters of a campaign's name that are kept.
    static let maximumCampaignLength = 255
    /// Custom segments of one visitor.
    static let maximumSegments = 100

    /// Keeps what can be a segment: codes that are known, countries of two letters, ids.
    public init(_ members: JSONObject = JSONObject()) {
        self.members = JSONObject(
            Self.names.compactMap { name in members[name].flatMap { Self.kept($0, name) }.map { (name, $0) } })
    }

    private static func kept(_ value: JSONValue, _ name: String) -> JSONValue? {
        func listed(_ known: some Collection<String>) -> JSONValue? {
            value.string.map { text in known.contains { $0.hasSameBytes(as: text) } } == true ? value : Optional.none
        }
        switch name {
        case "browser": return listed(browsers.keys)
        case "source": return listed(SegmentWords.sourceCodes)
        case "visitorType": return listed(["new", "returning"])
        case "devices":
            let given = Set((value.array ?? []).compactMap { $0.string.map { ClientText($0) } })
            let known = SegmentWords.deviceCodes.filter { given.contains(ClientText($0)) }
            return known.isEmpty ? Optional.none : .array(known.map { .string($0) })
        case "country":
            guard let country = value.string?.uppercased(), country.utf8.count == 2,
                country.utf8.allSatisfy({ (0x41...0x5A).contains($0) })
            else { return Optional.none }
            return .string(country)
        case "campaign":
            guard let text = value.string, !text.isEmpty else { return Optional.none }
            return .string(String(text.unicodeScalars.prefix(maximumCampaignLength)))
        default:
            let ids = (value.array ?? []).compactMap { $0.string.flatMap { Int64($0) } }.prefix(maximumSegments)
            return ids.isEmpty ? Optional.none : .array(ids.map { .string(String($0)) })
        }
    }

    /// These laid over those.
    func laid(over stored: VisitorSegments) -> VisitorSegments {
        var merged = stored.members
        for (name, value) in members { merged[name] = value }
        return VisitorSegments(merged)
    }

    private static let browsers = [
        "IE": "internet_explorer", "CH": "chrome", "FF": "firefox", "SF": "safari", "EDG": "edge", "OP": "other",
        "MO": "other",
        "NS": "other", "OTH": "other",
    ]
    private static let devices = [
        "ALLPH": "all_phones", "IPH": "iPhone", "OTHPH": "other_phones", "ALLTAB": "all_tablets", "IPAD": "iPad",
        "OTHTAB": "other_tablets", "DESK": "desktop",
    ]

    /// The same in the words of reports (contract schemas `ReportingSegments...`).
    var reported: ReportingSegments {
        var reported = ReportingSegments()
        reported.browser = members["browser"]?.string.flatMap { Self.browsers[$0] }
        reported.devices = texts("devices").compactMap { Self.devices[$0] }
        reported.country = members["country"]?.string
        reported.visitorType = members["visitorType"]?.string
        reported.campaign = members["campaign"]?.string
        reported.sources = members["source"]?.string.map { [$0] } ?? []
        reported.customSegments = texts("customSegments").compactMap { Int64($0) }
        return reported
    }

    private func texts(_ name: String) -> [String] { members[name]?.array?.compactMap(\.string) ?? [] }
}
