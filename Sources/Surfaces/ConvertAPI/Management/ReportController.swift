import Gateway
import Identity
import JSON
import Reports
import Resources

/// What came out of experiences: `getExperienceAggregatedReport`. Who has an experience's report token sees them, too.
struct ReportController: Sendable {
    let reports: ReportService

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("getExperienceAggregatedReport", allow: .look(.project).or(.reportToken)) { scope, request in
            let report = try await reports.aggregated(
                request.pathID("experience_id"), request.bodyMembers, scope)
            return .json(["data": report])
        }
    }
}
