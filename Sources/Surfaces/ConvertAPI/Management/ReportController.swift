import Gateway
import Identity
import JSON
import Reports
import Resources
import Time

/// What came out of experiences: `getExperienceAggregatedReport`,
/// `getExperienceDailyReport`, `getExperienceDailyTrafficAllocation`, `getExperienceReportSettings`, which who has an
/// experience's report token sees, too; the first two as files, `exportExperienceReport`; and the removal of what they are
/// made of, `resetExperienceReport`, `removeExperienceReportData`.
struct ReportController: Sendable {
    let reports: ReportService
    let files: ReportFiles
    let removal: ReportDataRemoval

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        // A report that nobody waits for gives up its turn.
        let limits = OperationLimits(endsWithCaller: true)
        surface.on(
            "getExperienceAggregatedReport", allow: .may(.viewReport, in: .project).or(.reportToken), limits: limits
        ) {
            scope, request in
            let report = try await reports.aggregated(
                request.pathID("experience_id"), request.bodyMembers, scope)
            return .json(["data": report])
        }
        surface.on("getExperienceDailyReport", allow: .may(.viewReport, in: .project).or(.reportToken), limits: limits)
        {
            scope, request in
            let report = try await reports.daily(request.pathID("experience_id"), request.bodyMembers, scope)
            return .json(["data": report])
        }
        surface.on(
            "getExperienceDailyTrafficAllocation", allow: .may(.viewReport, in: .project).or(.reportToken),
            limits: limits
        ) {
            scope, request in
            let report = try await reports.trafficAllocation(
                request.pathID("experience_id"), request.bodyMembers, scope)
            return .json(["data": report])
        }
        surface.on(
            "getExperienceReportSettings", allow: .may(.viewReport, in: .project).or(.reportToken), limits: limits
        ) {
            scope, request in
            .json(["data": try await reports.choices(request.pathID("experience_id"), scope)])
        }
        surface.on("resetExperienceReport", allow: .may(.changeReport, in: .project)) { scope, request in
            try await removal.reset(request.pathID("experience_id"), scope)
            return .success("What visitors did in the experience is removed.")
        }
        surface.on("removeExperienceReportData", allow: .may(.changeReport, in: .project)) { scope, request in
            .json(["data": try await removal.remove(request.pathID("experience_id"), request.bodyMembers, scope)])
        }
        surface.on("exportExperienceReport", allow: .may(.viewReport, in: .project), limits: limits) { scope, request in
            let link = try await reports.export(
                request.pathID("experience_id"), request.bodyMembers, scope, to: files)
            return .json([
                "data": [
                    "download_url": .string(request.absolute(link.url)), "expire_at": .integer(link.expiresAt.seconds),
                ]
            ])
        }
    }
}
