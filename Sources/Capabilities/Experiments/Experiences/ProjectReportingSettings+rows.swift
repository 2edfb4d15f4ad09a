package import ControlStore
import Identity
import JSON
package import ProjectDocuments

extension ProjectReportingSettings {
    /// How a project wants reports to be made; empty where it says nothing.
    package static func fetch(of projectID: Int64, from database: Database) throws -> ProjectReportingSettings {
        let stored = try Project.settings(of: projectID, in: database)
        return try ProjectDocument(stored.map { try JSONValue(stored: $0) }).reportingSettings
    }

    /// Of all projects that limit how long their experiences run, or for how many visitors, by the project's id.
    static func fetchLimiting(from database: Database) throws -> [Int64: ProjectReportingSettings] {
        let members = ["max_running_time", "max_experience_visitors"].map { "reporting_settings.\($0)" }
        return try Project.settings(withAnyOf: members, in: database).mapValues {
            ProjectDocument(try JSONValue(stored: $0)).reportingSettings
        }
    }
}
