import EventStore
import Experiences
import JSON
import Time

/// Which of the last events a request asks for, and how the answer shows them (contract schemas `LiveDataRequestData`,
/// `LiveDataEvent`).
struct LiveDataQuery {
    /// Only events of these projects; with none, of all.
    let projects: [Int64]
    let filter: ExperimentEventFilter
    /// What is shown with its name.
    let names: Set<LiveEvents.Named>

    private static let expansions: KeyValuePairs<String, LiveEvents.Named> = [
        "experiences": .experiences, "experiences.variation": .variations, "custom_segments": .customSegments,
        "conversion.goals": .goals, "project": .projects,
    ]

    /// - Parameter experienceID: the only experience, whatever the body says; nil for those of the body.
    init(_ body: JSONObject, experienceID: Int64? = nil) {
        func texts(_ value: JSONValue?) -> [String] { value?.array?.compactMap(\.string) ?? [] }
        func ids(_ value: JSONValue?) -> [Int64] { value?.array?.compactMap(\.int64) ?? [] }
        projects = ids(body["projects"])
        var filter = ExperimentEventFilter(projectIDs: [])
        filter.kinds = texts(body["event_types"]).compactMap(ExperimentEvent.Kind.init)
        filter.experienceIDs = experienceID.map { [$0] } ?? ids(body["experiences"])
        filter.goalIDs = ids(body["goals"])
        let segments = body["segments"]
        filter.devices = texts(segments?["devices"])
        filter.browsers = texts(segments?["browsers"])
        filter.countries = texts(segments?["countries"]).map { $0.uppercased() }
        filter.visitorTypes = texts(segments?["visitor_types"])
        filter.campaigns = texts(segments?["campaigns"])
        filter.sources = texts(segments?["sources"])
        filter.customSegments = ids(segments?["custom_segments"])
        self.filter = filter
        let expand = texts(body["expand"])
        names = Set(Self.expansions.filter { expand.contains($0.key) }.map(\.value))
    }

    func show(_ found: LiveEvents) -> [JSONValue] { found.events.map { show($0, found) } }

    private func show(_ event: ExperimentEvent, _ found: LiveEvents) -> JSONValue {
        let segments = event.segments
        func texts(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }
        var shown: JSONValue = [
            "event_type": .string(event.kind.rawValue), "timestamp": .integer(event.occurredAt.seconds),
            "project": found.projects[event.projectID] ?? .integer(event.projectID), "devices": texts(segments.devices),
            "sources": texts(segments.sources),
            "custom_segments": .array(segments.customSegments.map { named($0, .customSegments, found) }),
            "campaign": segments.campaign.map { .string($0) } ?? .null,
            "experiences": .array(event.assignments.map { show($0, found) }),
        ]
        for (member, value) in [
            ("browser", segments.browser), ("country", segments.country), ("visitor_type", segments.visitorType),
        ] {
            if let value { shown[member] = .string(value) }
        }
        shown["conversion"] = event.kind == .viewExperience ? .null : conversion(event, found)
        return shown
    }

    private func show(_ assignment: ExperimentEvent.Assignment, _ found: LiveEvents) -> JSONValue {
        var experience: JSONValue = [
            "id": .integer(assignment.experienceID), "variation": .integer(assignment.variationID),
        ]
        if names.contains(.variations) {
            experience["variation"] = [
                "id": .integer(assignment.variationID),
                "name": .string(found.variations[assignment.variationID] ?? ""),
            ]
        }
        if names.contains(.experiences) {
            experience["name"] = .string(found.resources[assignment.experienceID] ?? "")
        }
        return experience
    }

    private func conversion(_ event: ExperimentEvent, _ found: LiveEvents) -> JSONValue {
        let isTransaction = event.kind == .transaction
        return [
            "goals": .array((event.goalID.map { [$0] } ?? []).map { named($0, .goals, found) }),
            "revenue": isTransaction ? event.revenue.map { .double($0) } ?? .null : .null,
            "products_ordered_count": isTransaction ? event.productsCount.map { .integer($0) } ?? .null : .null,
        ]
    }

    /// The id, or where names were asked for, the object with both.
    private func named(_ id: Int64, _ kind: LiveEvents.Named, _ found: LiveEvents) -> JSONValue {
        guard names.contains(kind) else { return .integer(id) }
        return ["id": .integer(id), "name": .string(found.resources[id] ?? "")]
    }
}
