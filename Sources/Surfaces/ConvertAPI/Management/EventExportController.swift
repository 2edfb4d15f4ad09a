import Exports
import Gateway
import Identity
import JSON
import Mailer
import Projects
import Reports
import Resources

/// What visitors did in an experience, as files: `exportExperienceRawData`.
struct EventExportController: Sendable {
    let reports: ReportService
    let exports: ExperimentExportService
    let accounts: AccountService

    /// Addresses told about one export.
    private static let maximumEmails = 20

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("exportExperienceRawData", allow: .may(.shareReport, in: .project)) { scope, request in
            let id = try request.pathID("experience_id")
            let body = try request.bodyMembers
            let events = try await reports.events(of: id, body, scope)
            let order = ExperimentExportRequest(
                projectID: scope.project.id, experienceID: id, kinds: events.kinds, goalIDs: events.goalIDs,
                start: events.start, end: events.end, segments: events.segments,
                format: body["format"]?.string.flatMap(ExportFormat.init(rawValue:)) ?? .csv,
                emails: try await emails(body["emails"], scope))
            return .json(["data": ["jobId": .string(try await exports.start(order))]])
        }
    }

    /// Those that are named; else the people who belong to the account.
    private func emails(_ named: JSONValue?, _ scope: ResourceScope) async throws -> [String] {
        guard let named = named?.array else {
            return try await accounts.users(scope.project.accountID).map(\.email)
                .filter { (try? EmailAddress($0)) != nil }
        }
        guard named.count <= Self.maximumEmails else {
            throw APIError.invalid("emails", "emails may hold at most \(Self.maximumEmails) addresses.")
        }
        return try named.enumerated().map { place, value in
            let text = value.string ?? ""
            do {
                _ = try EmailAddress(text)
            } catch {
                throw APIError.invalid("emails[\(place)]", "\(error)")
            }
            return text
        }
    }
}
