import Automation
import Contract
import EventStore
import Exports
import Gateway
import HTTPTypes
import Identity
import JSON
import Reports
import Text
import Time

/// What the figures of experiments are made of, what follows from them, and files of the events behind them:
/// `getReportExplanation`, `getAdjustedReport`, `getExperienceAutomation`, `getEventExport`.
struct ReportsController: Sendable {
    let reports: ReportService
    let automation: ExperienceAutomation
    let exports: ExperimentExportService

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on(
            "getReportExplanation", allow: .readReports, limits: OperationLimits(endsWithCaller: true)
        ) { reader, request in
            var body = reportBody(request)
            if let type = request.query.string("stats_type") {
                body["stats_engine_processing"] = ["stats_type": .string(type)]
            }
            let explanation = try await reports.explanation(
                request.pathID("experience_id"), accountID: reader.accountID, projectIDs: reader.projectIDs,
                environment: reader.environment, body)
            return .json(explanation)
        }
        surface.on(
            "getAdjustedReport", allow: .readReports, limits: OperationLimits(endsWithCaller: true)
        ) { reader, request in
            let days = request.query.integer("history_days").flatMap { Int(exactly: $0) }
            return .json(
                try await reports.adjusted(
                    request.pathID("experience_id"), accountID: reader.accountID, projectIDs: reader.projectIDs,
                    environment: reader.environment, days: days ?? ExperimentQuery.HistoryDays.usual,
                    reportBody(request)))
        }
        surface.on("getExperienceAutomation", allow: .readReports) { reader, request in
            .json(
                try await automation.state(
                    of: request.pathID("experience_id"), accountID: reader.accountID, projectIDs: reader.projectIDs,
                    environment: reader.environment))
        }
        surface.on("getEventExport", allow: .lookAtReports) { reader, request in
            let experienceID = try request.pathID("experience_id")
            let projectID = try await reports.project(
                of: experienceID, accountID: reader.accountID, projectIDs: reader.projectIDs)
            let id = try request.path("job_id")
            guard let export = try await exports.find(id, projectID: projectID, experienceID: experienceID) else {
                throw APIError.notFound("There is no export \(id.prefix(64)) of the events of this experience.")
            }
            return .json(try show(export, baseURL: request.baseURL))
        }
    }
}

extension ReportsController {
    /// What a report is asked for, as Convert's interface has it.
    private func reportBody(_ request: OperationRequest) -> JSONObject {
        var body = JSONObject()
        for member in ["start_time", "end_time"] {
            if let value = request.query.integer(member) { body[member] = .integer(value) }
        }
        if let goal = request.query.integer("goal") { body["goals"] = [.integer(goal)] }
        return body
    }

    private func show(_ export: ExperimentExport, baseURL: String) throws -> JSONValue {
        func absolute(_ url: String) -> JSONValue { .string(url.hasBytePrefix("/") ? baseURL + url : url) }
        func time(_ time: Timestamp?) -> JSONValue { time.map { .string($0.formatted(.microsecondsUTC)) } ?? .null }
        let files = try exports.links(of: export).map { link -> JSONValue in
            var file = link.file.json
            file["url"] = absolute(link.url)
            return file
        }
        return [
            "job_id": .string(export.id), "status": .string(export.status.rawValue),
            "format": .string(export.request.format.rawValue), "start_time": time(export.startedAt),
            "end_time": time(export.finishedAt), "files": .array(files),
            "manifest_url": try exports.manifestURL(of: export).map(absolute) ?? .null,
            "error": export.failureReason.map { .string($0) } ?? .null,
        ]
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
    /// Convert keys of every role may, in their projects: what they see may be of several environments.
    static var lookAtReports: Policy {
        Policy("look", for: [.convertKey]) { caller, _, _ in
            guard case .convertKey(let key) = caller else { throw APIError.notFound("There is no such export.") }
            return ReportReader(accountID: key.accountID, projectIDs: key.projectIDs, environment: nil)
        } permit: { _, _ in
        }
    }

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
