import EventStore
import Identity
public import JSON
public import Resources
import Time

extension ReportService {
    /// A report as a CSV file (contract operation `exportExperienceReport`): the figures of ``aggregated(_:_:_:)`` and
    /// ``daily(_:_:_:)``, in rows.
    /// - Parameter body: contract schema `ExportExperienceReportRequestData`.
    /// - Throws: `ExperimentsError` for an experience that is not there, and for a request that contradicts it or itself;
    ///   `JobError.tooManyWaiting` when the account has too many files.
    public func export(
        _ experienceID: Int64, _ body: JSONObject, _ scope: ResourceScope, to files: ReportFiles
    ) async throws -> ReportFiles.Link {
        let type = body["report_type"]?.string ?? "csv_aggregated"
        let isTabular = type == "csv_aggregated_tabular" || type == "csv_daily_tabular"
        let isDaily = type == "csv_daily" || type == "csv_daily_tabular"
        let plan = try await plan(experienceID, body, scope)
        let goals = try plan.experience.goals(body["goals"])
        guard !isDaily || goals.count <= Self.maximumDailyGoals else {
            throw ExperimentsError.invalid(
                "goals",
                "A daily report is of \(Self.maximumDailyGoals) goals at most: name those that it is to be of in goals."
            )
        }
        let names = ReportNames(plan.experience, goals: try await resources.names(of: .goal, goals, scope))
        let name = "\(isDaily ? "daily" : "aggregated")-report-\(experienceID).csv"
        return try await files.publish(name, projectID: scope.project.id) { write in
            if isDaily {
                try await write(DailyTable.table.heading(isTabular: isTabular))
                for goal in goals {
                    let rows = try await days(
                        of: goal, plan, names, isCumulative: body["data_type"]?.string == "cumulative")
                    try await write(DailyTable.table.lines(rows))
                }
            } else {
                let report = AggregatedReport(
                    plan.experience, plan.settings, try await events.counts(plan.query(goals)), plan.history,
                    goals: goals, metrics: ReportMetric.allCases)
                try await write(AggregatedTable.table.heading(isTabular: isTabular))
                try await write(AggregatedTable.table.lines(AggregatedTable(names: names).rows(report.answer)))
            }
        }
    }

    private static let maximumDailyGoals = 10

    private func days(
        of goal: Int64, _ plan: ReportPlan, _ names: ReportNames, isCumulative: Bool
    ) async throws -> [[JSONValue]] {
        let found = try await events.days(plan.query([goal]), offset: plan.range.offset)
        let days = ReportDays(plan.range, of: plan.experience, seen: found.map(\.key.day), now: resources.clock.now)
        return DailyTable(names: names).rows(goal: goal) { metric in
            DailyReport(plan.experience, found, days: days, metric: metric, isCumulative: isCumulative).answer
        }
    }
}
