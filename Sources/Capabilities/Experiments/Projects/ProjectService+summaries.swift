package import ControlStore
package import Identity
package import JSON
package import ProjectDocuments

extension ProjectService {
    /// What answers about other things show of projects, by the project's id (contract schema `SimpleProject`).
    package func summaries(of projectIDs: [Int64], from database: Database) throws -> [Int64: JSONValue] {
        let rows = try database.rows(
            sql: "SELECT id, name, document FROM projects WHERE id IN \(SQL.list("?"))",
            arguments: [ListArgument(projectIDs)])
        var summaries: [Int64: JSONValue] = [:]
        for row in rows { try summaries[row.read("id")] = try Self.summary(row) }
        return summaries
    }

    /// How a project wants reports to be made (contract schema `Project`, member `reporting_settings`).
    package func reportingSettings(of project: Project) async throws -> ProjectReportingSettings {
        let text = try await store.read { database in
            try database.value(String.self, sql: "SELECT document FROM projects WHERE id = ?", arguments: [project.id])
        }
        guard let text else { return ProjectReportingSettings(JSONObject()) }
        return ProjectDocument.shown(try JSONValue(stored: text)).reportingSettings
    }

    private static func summary(_ row: Row) throws -> JSONValue {
        let document = ProjectDocument.shown(try JSONValue(stored: row.read("document", as: String.self)))
        let (id, name): (Int64, String) = try (row.read("id"), row.read("name"))
        let settings = document.settings.members
        let shown = ["time_zone", "utc_offset", "time_format"].compactMap { member in
            settings[member].map { (member, $0) }
        }
        return [
            "id": .integer(id), "name": .string(name),
            "reporting_settings": ["currency_symbol": document.reportingSettings.members["currency_symbol"] ?? "$"],
            "settings": .object(JSONObject(shown)),
        ]
    }
}
