import EventStore
import Experiences
import Identity
public import JSON
import ProjectDocuments
public import Resources
import Time

extension ReportService {
    /// Day by day (contract operation `getExperienceDailyReport`).
    /// - Parameter body: contract schema `GetExperienceDailyReportRequestData`.
    /// - Throws: `ExperimentsError` for an experience that is not there, and for a request that contradicts it or itself.
    public func daily(_ experienceID: Int64, _ body: JSONObject, _ scope: ResourceScope) async throws -> JSONValue {
        let plan = try await plan(experienceID, body, scope)
        let goal = try plan.experience.goal(body["goal"] ?? .null, "goal")
        guard let metric = body["metric"]?.string.flatMap(ReportMetric.init(daily:)) else {
            throw ExperimentsError.invalid("metric", "metric is required.")
        }
        guard let type = body["report_type"]?.string else {
            throw ExperimentsError.invalid("report_type", "report_type is required: cumulative or non_cumulative.")
        }
        let found = try await events.days(plan.query([goal]), offset: plan.range.offset)
        let days = ReportDays(
            plan.range, of: plan.experience, seen: found.map(\.key.day), now: resources.clock.now)
        return DailyReport(
            plan.experience, found, days: days, metric: metric, isCumulative: type == "cumulative"
        ).answer
    }

    /// Which part of the traffic each variation was to have, day by day: what was set at the end of each (contract operation
    /// `getExperienceDailyTrafficAllocation`).
    /// - Parameter body: contract schema `GetExperienceDailyTrafficAllocationRequestData`.
    /// - Throws: `ExperimentsError` for an experience that is not there, and for a start after the end.
    public func trafficAllocation(
        _ experienceID: Int64, _ body: JSONObject, _ scope: ResourceScope
    ) async throws -> JSONValue {
        let plan = try await plan(experienceID, body, scope)
        let days = ReportDays(plan.range, of: plan.experience, now: resources.clock.now)
        let weights = (days.map { Array($0.numbers) } ?? []).map { day in
            (start: days?.start(of: day) ?? 0, weights: plan.history.weights(at: days?.end(of: day) ?? .latest))
        }
        let variations = plan.experience.variationIDs.map { id -> JSONValue in
            let points = weights.map { day -> JSONValue in
                ["timestamp": .integer(day.start), "value": .double(day.weights[id] ?? 0)]
            }
            return ["id": .integer(id), "stats": .array(points)]
        }
        return [
            "variations_data": .array(plan.experience.variations.map(\.json)),
            "reportData": ["variations": .array(variations)],
        ]
    }

    /// What reports may be narrowed to (contract operation `getExperienceReportSettings`).
    /// - Throws: `ExperimentsError` for an experience that is not there.
    public func choices(_ experienceID: Int64, _ scope: ResourceScope) async throws -> JSONValue {
        _ = try await resources.get(.experiences, .id(experienceID), include: [], expand: [], scope)
        let audience = try await events.audience(
            projectID: scope.project.id, experienceID: experienceID, limit: Self.maximumCampaigns)
        let names = try await resources.names(of: .audience, audience.customSegments, scope)
        return [
            "campaigns": .array(
                audience.campaigns.map { ["name": .string($0.name), "visitors_count": .integer($0.visitors)] }),
            "custom_segments": .array(
                audience.customSegments.compactMap { id in
                    names[id].map { ["id": .integer(id), "name": .string($0)] }
                }),
        ]
    }

    /// Those of the most visitors.
    private static let maximumCampaigns = 1_000
}
