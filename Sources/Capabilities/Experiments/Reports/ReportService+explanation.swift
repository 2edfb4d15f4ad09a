import EventStore
public import JSON
import Resources
import Text

extension ReportService {
    /// Everything that the figures of an aggregated report are made of (Sextant's operation `getReportExplanation`).
    /// - Parameters:
    ///   - accountID: of the caller.
    ///   - projectIDs: the projects that the caller may look into; nil for all of the account's.
    ///   - environment: the only environment whose experiences the caller may look at; nil for all.
    ///   - body: what the report was asked for: `goals`, `start_time`, `end_time`, `stats_engine_processing`.
    /// - Throws: `ExperimentsError`, as for the report.
    public func explanation(
        _ experienceID: Int64, accountID: Int64, projectIDs: Set<Int64>?, environment: String?,
        _ body: JSONObject
    ) async throws -> JSONValue {
        let project = try await resources.project(
            of: .experience, experienceID, accountID: accountID, projectIDs: projectIDs)
        let author = ChangeAuthor(name: "report", method: .api, requestID: nil)
        let plan = try await plan(experienceID, body, ResourceScope(project: project, author: author))
        try plan.experience.check(isIn: environment)
        let goals = try plan.experience.goals(body["goals"])
        let query = plan.query(goals)
        let counts = try await events.counts(query)
        let report = AggregatedReport(
            plan.experience, plan.settings, counts, plan.history, goals: goals, metrics: ReportMetric.allCases)
        return ReportExplanation(report: report, plan: plan, counts: counts, query: query).answer
    }
}
