import EventStore
public import JSON
public import Jobs
import Time

/// What a job that removes events of a report carries.
public struct ReportDataOrder: JobPayload, Equatable {
    let selection: ExperimentEventSelection

    init(_ selection: ExperimentEventSelection) {
        self.selection = selection
    }

    public var json: JSONValue {
        func texts(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }
        func number(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }
        let parts = selection.parts.map { part -> JSONValue in
            [
                "kind": .string(part.kind.rawValue), "goals": part.goalIDs.map { JSONValue($0) } ?? .null,
                "least_revenue": number(part.leastRevenue), "most_revenue": number(part.mostRevenue),
            ]
        }
        let segments = selection.segments
        return [
            "project": .integer(selection.projectID), "experience": .integer(selection.experienceID),
            "received_by": .integer(selection.receivedBy.microseconds),
            "start": .integer(selection.start.microseconds), "end": .integer(selection.end.microseconds),
            "parts": .array(parts),
            "segments": [
                "devices": texts(segments.devices), "browsers": texts(segments.browsers),
                "countries": texts(segments.countries), "visitor_types": texts(segments.visitorTypes),
                "campaigns": texts(segments.campaigns), "sources": texts(segments.sources),
                "custom_segments": JSONValue(segments.customSegments),
            ],
        ]
    }

    /// Nil for what is no payload of such a job: whoever cannot tell what is to go removes nothing.
    public init?(_ job: Job) {
        self.init(payload: job.payload)
    }

    init?(payload: JSONValue) {
        guard let project = payload["project"]?.int64, let experience = payload["experience"]?.int64,
            let receivedBy = payload["received_by"]?.int64, let start = payload["start"]?.int64,
            let end = payload["end"]?.int64, let listed = payload["parts"]?.array,
            let narrowed = payload["segments"]
        else { return nil }
        let parts = listed.compactMap(ExperimentEventSelection.Part.init(json:))
        guard parts.count == listed.count else { return nil }
        var selection = ExperimentEventSelection(
            projectID: project, experienceID: experience, receivedBy: Timestamp(microseconds: receivedBy), parts: parts)
        selection.start = Timestamp(microseconds: start)
        selection.end = Timestamp(microseconds: end)
        guard let segments = ExperimentSegments(stored: narrowed) else { return nil }
        selection.segments = segments
        self.selection = selection
    }
}

extension ExperimentEventSelection.Part {
    fileprivate init?(json: JSONValue) {
        guard let kind = json["kind"]?.string.flatMap(ExperimentEvent.Kind.init(rawValue:)) else { return nil }
        self.init(
            kind, goalIDs: json["goals"]?.array?.compactMap(\.int64), leastRevenue: json["least_revenue"]?.double,
            mostRevenue: json["most_revenue"]?.double)
    }
}

extension ExperimentSegments {
    fileprivate init?(stored: JSONValue) {
        func texts(_ member: String) -> [String]? { stored[member]?.array?.compactMap(\.string) }
        guard let devices = texts("devices"), let browsers = texts("browsers"), let countries = texts("countries"),
            let visitorTypes = texts("visitor_types"), let campaigns = texts("campaigns"),
            let sources = texts("sources"),
            let customSegments = stored["custom_segments"]?.array?.compactMap(\.int64)
        else { return nil }
        self.init()
        self.devices = devices
        self.browsers = browsers
        self.countries = countries
        self.visitorTypes = visitorTypes
        self.campaigns = campaigns
        self.sources = sources
        self.customSegments = customSegments
    }
}
