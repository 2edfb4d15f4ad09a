import EventStore
public import JSON

/// What is known of a visitor, in the codes of SDKs (contract schema `VisitorSegments`).
public struct VisitorSegments: Sendable, Equatable {
    /// The members that are known, as they were sent.
    public private(set) var members: JSONObject

    private static let names = ["browser", "devices", "source", "campaign", "visitorType", "country", "customSegments"]

    public init(_ members: JSONObject = JSONObject()) {
        self.members = JSONObject(
            Self.names.compactMap { name in members[name].flatMap { $0 == .null ? nil : (name, $0) } })
    }

    /// These laid over those.
    func laid(over stored: VisitorSegments) -> VisitorSegments {
        var merged = stored.members
        for (name, value) in members { merged[name] = value }
        return VisitorSegments(merged)
    }

    private static let browsers = [
        "IE": "internet_explorer", "CH": "chrome", "FF": "firefox", "SF": "safari", "OP": "other", "OTH": "other",
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
        reported.country = members["country"]?.string?.uppercased()
        reported.visitorType = members["visitorType"]?.string
        reported.campaign = members["campaign"]?.string
        reported.sources = members["source"]?.string.map { [$0] } ?? []
        reported.customSegments = texts("customSegments").compactMap { Int64($0) }
        return reported
    }

    private func texts(_ name: String) -> [String] { members[name]?.array?.compactMap(\.string) ?? [] }
}
