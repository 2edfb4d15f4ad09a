package import EventStore
import Experiences
import Identity
public import JSON
import ProjectDocuments
public import Resources
import Time

/// What came out of experiences: figures that everybody can recompute from the events.
public struct ReportService: Sendable {
    let resources: ResourceService
    let history: ChangeHistory
    let events: EventStore
    let projects: any ReportingSettings

    package init(
        resources: ResourceService, history: ChangeHistory, events: EventStore, projects: any ReportingSettings
    ) {
        self.resources = resources
        self.history = history
        self.events = events
        self.projects = projects
    }

    /// Per goal and variation (contract operation `getExperienceAggregatedReport`).
    /// - Parameter body: contract schema `GetExperienceAggregatedReportRequestData`.
    /// - Throws: `ExperimentsError` for an experience that is not there, and for a request that contradicts it or itself.
    public func aggregated(
        _ experienceID: Int64, _ body: JSONObject, _ scope: ResourceScope
    ) async throws -> JSONValue {
        let plan = try await plan(experienceID, body, scope)
        let goals = try plan.experience.goals(body["goals"])
        let asked = (body["metrics"]?.array ?? []).compactMap(\.string).compactMap(ReportMetric.init(rawValue:))
        let metrics = asked.isEmpty ? ReportMetric.allCases : ReportMetric.allCases.filter(asked.contains)
        let counts = try await events.counts(plan.query(goals))
        return AggregatedReport(
            plan.experience, plan.settings, counts, plan.history, goals: goals, metrics: metrics
        ).answer
    }

    /// What every report begins with.
    func plan(_ experienceID: Int64, _ body: JSONObject, _ scope: ResourceScope) async throws -> ReportPlan {
        let range = try ReportRange(body)
        let shown = try await resources.get(
            .experiences, .id(experienceID), include: ["goals"], expand: ["variations"], scope)
        let experience = ReportedExperience(shown)
        let settings = try ReportSettings(
            request: body["stats_engine_processing"], experience: experience.settings,
            project: try await projects.reportingSettings(of: scope.project))
        let changes = try await history.parts("variation", experience.variationIDs)
        return ReportPlan(
            projectID: scope.project.id, experience: experience, range: range,
            segments: try ExperimentSegments(body["segments"]), settings: settings,
            history: WeightHistory(experience.variations, changes: changes))
    }
}

/// What a report is of, and how it is made.
struct ReportPlan: Sendable {
    let projectID: Int64
    let experience: ReportedExperience
    let range: ReportRange
    let segments: ExperimentSegments
    var settings: ReportSettings
    let history: WeightHistory

    func query(_ goals: [Int64]) -> ExperimentQuery {
        var query = ExperimentQuery(
            projectID: projectID, experienceID: experience.id, variationIDs: experience.variationIDs, goalIDs: goals)
        if let start = range.start { query.start = start }
        if let end = range.end { query.end = end }
        query.segments = segments
        query.revenueBounds = settings.revenueBounds
        query.productsBounds = settings.productsBounds
        query.boundaries = history.boundaries
        return query
    }
}

extension ExperimentSegments {
    /// Contract schema `ReportingSegmentsFilters`.
    /// - Throws: `ExperimentsError` for a list that is too long to be looked through for every event.
    init(_ filters: JSONValue?) throws {
        func list(_ member: String) throws -> [JSONValue] {
            let values = filters?[member]?.array ?? []
            guard values.count <= Self.maximumValues else {
                throw ExperimentsError.invalid(
                    "segments.\(member)", "segments.\(member) may have at most \(Self.maximumValues) values.")
            }
            return values
        }
        func texts(_ member: String) throws -> [String] { try list(member).compactMap(\.string) }
        self.init()
        devices = try texts("devices")
        browsers = try texts("browsers")
        countries = try texts("countries").map { $0.uppercased() }
        visitorTypes = try texts("visitor_types")
        campaigns = try texts("campaigns")
        sources = try texts("sources")
        customSegments = try list("custom_segments").compactMap(\.int64)
    }

    private static let maximumValues = 500
}
