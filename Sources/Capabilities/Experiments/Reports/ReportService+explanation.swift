import EventStore
import Identity
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
        let plan = try await plan(experienceID, accountID: accountID, projectIDs, environment, body)
        let goals = try plan.experience.goals(body["goals"])
        let query = plan.query(goals)
        let counts = try await events.counts(query)
        let report = AggregatedReport(
            plan.experience, plan.settings, counts, plan.history, goals: goals, metrics: ReportMetric.allCases)
        return ReportExplanation(report: report, plan: plan, counts: counts, query: query).answer
    }

    /// What comes out when what visitors did before their first view is taken out of what they did after: as a report, with more
    /// certainty from as many visitors (Sextant's operation `getAdjustedReport`).
    /// - Parameters:
    ///   - accountID: of the caller.
    ///   - projectIDs: the projects that the caller may look into; nil for all of the account's.
    ///   - environment: the only environment whose experiences the caller may look at; nil for all.
    ///   - days: how long before the first view a visitor's history begins; of ``ExperimentQuery/HistoryDays``.
    ///   - body: what the report was asked for: `goals`, `start_time`, `end_time`.
    /// - Throws: `ExperimentsError`, as for the report.
    public func adjusted(
        _ experienceID: Int64, accountID: Int64, projectIDs: Set<Int64>?, environment: String?, days: Int,
        _ body: JSONObject
    ) async throws -> JSONValue {
        var body = body
        // Chances to win are not told of what is adjusted.
        body["stats_engine_processing"] = ["stats_type": "frequentist"]
        let plan = try await plan(experienceID, accountID: accountID, projectIDs, environment, body)
        let query = plan.query(try plan.experience.goals(body["goals"]))
        let found = try await events.covariates(query, days: days)
        let shares = VisitorShares(
            try await events.counts(plan.query([])), plan.history, of: plan.experience.variationIDs,
            isChecked: plan.settings.checksShares)
        return AdjustedReport(plan: plan, query: query, days: days, found: found, shares: shares).answer
    }

    /// What a report for the reader of another interface begins with.
    private func plan(
        _ experienceID: Int64, accountID: Int64, _ projectIDs: Set<Int64>?, _ environment: String?, _ body: JSONObject
    ) async throws -> ReportPlan {
        let project = try await resources.project(
            of: .experience, experienceID, accountID: accountID, projectIDs: projectIDs)
        let author = ChangeAuthor(name: "report", method: .api, requestID: nil)
        let plan = try await plan(experienceID, body, ResourceScope(project: project, author: author, role: .browse))
        try plan.experience.check(isIn: environment)
        return plan
    }
}
