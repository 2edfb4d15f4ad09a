import Automation
import Contract
import Gateway
import HTTPTypes
import Identity
import JSON
import Reports

/// What the figures of experiments are made of, and what follows from them: `getReportExplanation`,
/// `getExperienceAutomation`.
struct ReportsController: Sendable {
    let reports: ReportService
    let automation: ExperienceAutomation

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on(
            "getReportExplanation", allow: .readReports, limits: OperationLimits(endsWithCaller: true)
        ) { reader, request in
            var body = JSONObject()
            for member in ["start_time", "end_time"] {
                if let value = request.query.integer(member) { body[member] = .integer(value) }
            }
            if let goal = request.query.integer("goal") { body["goals"] = [.integer(goal)] }
            if let type = request.query.string("stats_type") {
                body["stats_engine_processing"] = ["stats_type": .string(type)]
            }
            let explanation = try await reports.explanation(
                request.pathID("experience_id"), accountID: reader.accountID, projectIDs: reader.projectIDs,
                environment: reader.environment, body)
            return .json(explanation)
        }
        surface.on("getExperienceAutomation", allow: .readReports) { reader, request in
            .json(
                try await automation.state(
                    of: request.pathID("experience_id"), accountID: reader.accountID, projectIDs: reader.projectIDs,
                    environment: reader.environment))
        }
    }
}

/// Whose reports may be read.
struct ReportReader: Sendable {
    let accountID: Int64
    /// Nil for all of the account's.
    let projectIDs: Set<Int64>?
    /// The only environment; nil for all.
    let environment: String?
}

extension Policy where Proof == ReportReader {
    /// Keys of environments with `can_export` may, in their project, and Convert keys of every role, in theirs.
    static var readReports: Policy {
        Policy("read or look", for: [.environmentKey, .convertKey]) { caller, _, _ in
            if case .convertKey(let key) = caller {
                return ReportReader(accountID: key.accountID, projectIDs: key.projectIDs, environment: nil)
            }
            let key = try caller.environmentKey()
            return ReportReader(accountID: key.accountID, projectIDs: [key.projectID], environment: key.environmentName)
        } permit: { caller, _ in
            if case .environmentKey(let key) = caller, !key.allowsExports {
                throw APIError(
                    .forbidden,
                    "This needs a key with the right to read; this one may only send events and profiles (it was made with can_export false)."
                )
            }
        }
    }
}
