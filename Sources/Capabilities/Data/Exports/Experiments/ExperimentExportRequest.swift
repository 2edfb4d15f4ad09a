public import EventStore
public import JSON
public import Jobs
public import Time

/// What an export of an experience's events is asked to hold.
public struct ExperimentExportRequest: Sendable, Equatable {
    public var projectID: Int64
    public var experienceID: Int64
    /// At least one.
    public var kinds: [ExperimentEvent.Kind]
    /// Conversions and transactions of others are left out.
    public var goalIDs: [Int64]
    /// Nil from the first event on.
    public var start: Timestamp?
    /// Before this; nil for all that there is when it is made.
    public var end: Timestamp?
    /// What a visitor was at the event.
    public var segments: ExperimentSegments
    public var format: ExportFormat
    /// Who is told when it is ready.
    public var emails: [String]

    public init(
        projectID: Int64, experienceID: Int64, kinds: [ExperimentEvent.Kind] = ExperimentEvent.Kind.allCases,
        goalIDs: [Int64], start: Timestamp? = nil, end: Timestamp? = nil,
        segments: ExperimentSegments = ExperimentSegments(), format: ExportFormat = .csv, emails: [String] = []
    ) {
        self.projectID = projectID
        self.experienceID = experienceID
        self.kinds = kinds
        self.goalIDs = goalIDs
        self.start = start
        self.end = end
        self.segments = segments
        self.format = format
        self.emails = emails
    }
}

// A job's payload outlives the process, so the request is stored as JSON.
extension ExperimentExportRequest: JobPayload {
    /// Without those who are told: it stands in the manifest, too.
    var shown: JSONObject {
        var members = JSONObject()
        members["project_id"] = .integer(projectID)
        members["experience_id"] = .integer(experienceID)
        members["format"] = .string(format.rawValue)
        members["events"] = Self.texts(kinds.map(\.rawValue))
        members["goals"] = JSONValue(goalIDs)
        members["start_time"] = start.map { .integer($0.seconds) } ?? .null
        // As it was asked for: the last second that is in it.
        members["end_time"] = end.map { .integer($0.seconds - 1) } ?? .null
        members["segments"] = [
            "devices": Self.texts(segments.devices), "browsers": Self.texts(segments.browsers),
            "countries": Self.texts(segments.countries), "visitor_types": Self.texts(segments.visitorTypes),
            "campaigns": Self.texts(segments.campaigns), "sources": Self.texts(segments.sources),
            "custom_segments": JSONValue(segments.customSegments),
        ]
        return members
    }

    private static func texts(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }

    public var json: JSONValue {
        var members = shown
        members["emails"] = .array(emails.map { .string($0) })
        // As all jobs name the project that they are for.
        members["project"] = .integer(projectID)
        return .object(members)
    }

    /// Nil for what is no payload of such a job.
    public init?(_ job: Job) {
        self.init(payload: job.payload)
    }

    init?(payload: JSONValue) {
        guard let projectID = payload["project_id"]?.int64, let experienceID = payload["experience_id"]?.int64,
            let format = payload["format"]?.string.flatMap(ExportFormat.init(rawValue:)),
            payload["segments"]?.object != nil
        else { return nil }
        func texts(_ value: JSONValue?) -> [String] { value?.array?.compactMap(\.string) ?? [] }
        let kinds = texts(payload["events"]).compactMap(ExperimentEvent.Kind.init(rawValue:))
        // Whoever cannot tell what is wanted exports nothing.
        guard !kinds.isEmpty else { return nil }
        var segments = ExperimentSegments()
        segments.devices = texts(payload["segments"]?["devices"])
        segments.browsers = texts(payload["segments"]?["browsers"])
        segments.countries = texts(payload["segments"]?["countries"])
        segments.visitorTypes = texts(payload["segments"]?["visitor_types"])
        segments.campaigns = texts(payload["segments"]?["campaigns"])
        segments.sources = texts(payload["segments"]?["sources"])
        segments.customSegments = payload["segments"]?["custom_segments"]?.array?.compactMap(\.int64) ?? []
        self.init(
            projectID: projectID, experienceID: experienceID,
            kinds: kinds,
            goalIDs: payload["goals"]?.array?.compactMap(\.int64) ?? [],
            start: payload["start_time"]?.int64.map { Timestamp(seconds: $0) },
            end: payload["end_time"]?.int64.map { Timestamp(seconds: $0).adding(seconds: 1) },
            segments: segments, format: format, emails: texts(payload["emails"]))
    }
}
