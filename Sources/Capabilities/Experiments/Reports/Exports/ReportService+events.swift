public import EventStore
import Identity
public import JSON
public import Resources
public import Time

/// Which events of an experience are asked for.
public struct ReportedEvents: Sendable {
    public let kinds: [ExperimentEvent.Kind]
    /// Of conversions and transactions.
    public let goalIDs: [Int64]
    /// Nil from the first one on.
    public let start: Timestamp?
    /// Before this; nil for all.
    public let end: Timestamp?
    public let segments: ExperimentSegments
}

extension ReportService {
    /// What an export of an experience's events is to hold (contract schema `ExportExperienceRawDataRequestData`).
    /// - Throws: `ExperimentsError` for an experience that is not there, and for a request that contradicts it or itself.
    public func events(
        of experienceID: Int64, _ body: JSONObject, _ scope: ResourceScope
    ) async throws -> ReportedEvents {
        let plan = try await plan(experienceID, body, scope)
        let named = (body["events"]?.array ?? []).compactMap(\.string).compactMap(ExperimentEvent.Kind.init(rawValue:))
        return ReportedEvents(
            kinds: named.isEmpty
                ? ExperimentEvent.Kind.allCases : ExperimentEvent.Kind.allCases.filter(named.contains),
            goalIDs: try plan.experience.goals(body["goals"]), start: plan.range.start, end: plan.range.end,
            segments: plan.segments)
    }

    /// The project that an experience is in.
    /// - Parameters:
    ///   - accountID: of the caller.
    ///   - projectIDs: the projects that the caller may look into; nil for all of the account's.
    /// - Throws: `ExperimentsError.notFound`.
    public func project(of experienceID: Int64, accountID: Int64, projectIDs: Set<Int64>?) async throws -> Int64 {
        try await resources.project(of: .experience, experienceID, accountID: accountID, projectIDs: projectIDs).id
    }
}
