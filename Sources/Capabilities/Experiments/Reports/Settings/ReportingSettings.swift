package import Identity
package import ProjectDocuments

/// How projects want reports to be made. The room that keeps projects answers.
package protocol ReportingSettings: Sendable {
    /// Contract schema `Project`, member `reporting_settings`.
    func reportingSettings(of project: Project) async throws -> ProjectReportingSettings
}
