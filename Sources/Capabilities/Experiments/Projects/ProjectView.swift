import ControlStore
import GRDB
import Identity
import JSON
import Resources
import Time

/// Turns stored projects into what answers hold (contract schema `Project`).
struct ProjectView {
    let options: ProjectService.Options

    /// How many resources of a kind a project has, in SQL over a row of `projects`.
    static func count(of kind: String, _ status: String?) -> String {
        let condition = status.map { " AND status = '\($0)'" } ?? ""
        return "(SELECT count(*) FROM resources WHERE project_id = projects.id AND kind = '\(kind)'\(condition))"
    }

    /// The defaults of new experiences: member, and the kind it lists.
    static let defaults: [(member: String, kind: ResourceKind)] = [
        ("default_goals", .goal), ("default_audiences", .audience), ("default_locations", .location),
    ]

    func show(_ row: Row, from database: Database) throws -> JSONValue {
        let id: Int64 = row["id"]
        let accountID: Int64 = row["account_id"]
        let (name, type, status): (String, String, String) = (row["name"], row["type"], row["status"])
        let (created, updated): (Timestamp, Timestamp) = (row["created_at"], row["updated_at"])
        let revision: Int64 = row["revision"]
        var document = ProjectDocument.shown(try JSONValue(stored: row["document"] as String))
        document["settings"]?["version"] = .string("\(updated.formatted(.secondsUTC))-\(revision)")
        var project: JSONValue = [
            "id": .integer(id), "account_id": .integer(accountID), "name": .string(name),
            "project_type": .string(type), "type": "own", "status": .string(status),
            "created_at": .integer(created.seconds), "modified_at": .integer(updated.seconds),
            "tracking_snippet": .string(Self.snippet(options.baseURL, accountID, id)),
            "sdk_key": try sdkKey(of: id, type, from: database),
            "environments": try environments(of: id, from: database),
        ]
        for (member, value) in document.object ?? JSONObject() where member != "global_javascript" {
            project[member] = value
        }
        if options.include.contains("global_javascript") {
            project["global_javascript"] = document["global_javascript"] ?? .null
        }
        if options.include.contains("domains") { project["domains"] = try domains(of: id, from: database) }
        for (member, kind) in Self.defaults where options.include.contains(member) {
            project[member] = try defaults(kind, of: id, expanded: options.expand.contains(member), from: database)
        }
        if let stats = try statistics(of: id, from: database) { project["stats"] = stats }
        return project
    }

    /// What is pasted into every page. The script itself comes with the serving interface.
    static func snippet(_ baseURL: String, _ accountID: Int64, _ projectID: Int64) -> String {
        // Without a configured address it is the one that the request named, whatever that was.
        let base = baseURL.replacing("&", with: "&amp;").replacing("\"", with: "&quot;").replacing("<", with: "&lt;")
        return "<script src=\"\(base)\(scriptPath(accountID, projectID))\"></script>"
    }

    static func scriptPath(_ accountID: Int64, _ projectID: Int64) -> String {
        "/v1/js/\(accountID)-\(projectID).js"
    }

    private func sdkKey(of id: Int64, _ type: String, from database: Database) throws -> JSONValue {
        guard type == ProjectType.fullstack.rawValue else { return .null }
        let key = try String.fetchOne(
            database,
            sql: """
                SELECT identifier FROM api_keys WHERE project_id = ? AND kind = 'sdk_key' AND revoked_at IS NULL
                ORDER BY id LIMIT 1
                """,
            arguments: [id])
        return key.map { .string($0) } ?? .null
    }

    private func environments(of id: Int64, from database: Database) throws -> JSONValue {
        let rows = try Row.fetchAll(
            database, sql: "SELECT * FROM environments WHERE project_id = ? ORDER BY id", arguments: [id])
        return .object(
            JSONObject(
                rows.map { row in
                    let name: String = row["name"]
                    let label = row["label"] as String? ?? name.prefix(1).uppercased() + name.dropFirst()
                    let environment: JSONValue = [
                        "label": .string(label), "is_default": .bool(row["is_default"]),
                        "js": (row["javascript"] as String?).map { .string($0) } ?? .null,
                    ]
                    return (name, environment)
                }))
    }

    private func domains(of id: Int64, from database: Database) throws -> JSONValue {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT id, name, json_extract(document, '$.code_installed') AS code_installed
                FROM resources WHERE project_id = ? AND kind = 'domain' ORDER BY id
                """,
            arguments: [id])
        return .array(
            rows.map { row in
                let (id, url): (Int64, String) = (row["id"], row["name"])
                return [
                    "id": .integer(id), "url": .string(url), "code_installed": .bool(row["code_installed"] ?? false),
                ]
            })
    }

    private func defaults(
        _ kind: ResourceKind, of id: Int64, expanded: Bool, from database: Database
    ) throws -> JSONValue {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT id, name FROM resources
                WHERE project_id = ? AND kind = ? AND json_extract(document, '$.selected_default') ORDER BY id
                """,
            arguments: [id, kind.rawValue])
        return .array(
            rows.map { row in
                let (id, name): (Int64, String) = (row["id"], row["name"])
                return expanded ? ["id": .integer(id), "name": .string(name)] : .integer(id)
            })
    }

    /// The members of `stats` that were asked for; nil when none was.
    private func statistics(of id: Int64, from database: Database) throws -> JSONValue? {
        let prefix = "stats."
        let wanted = Set(options.include.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) })
        if wanted.isEmpty { return nil }
        let segments =
            "(SELECT count(*) FROM resources WHERE project_id = projects.id AND kind = 'audience'"
            + " AND json_extract(document, '$.type') = 'segmentation'"
        let counts = [
            ("experiences_count", Self.count(of: "experience", nil)),
            ("active_experiences_count", Self.count(of: "experience", "active")),
            (
                "active_experiments_count",
                "(SELECT count(*) FROM resources WHERE project_id = projects.id AND kind = 'experience'"
                    + " AND status = 'active' AND json_extract(document, '$.type') IS NOT 'deploy')"
            ),
            ("segments_count", "\(segments))"), ("active_segments_count", "\(segments) AND status = 'active')"),
            ("active_goals_count", Self.count(of: "goal", "active")),
        ].filter { wanted.contains($0.0) }
        var stats = JSONObject()
        if !counts.isEmpty {
            let terms = counts.map { "\($0.1) AS \($0.0)" }.joined(separator: ", ")
            let row = try Row.fetchOne(
                database, sql: "SELECT \(terms) FROM projects WHERE id = ?", arguments: [id])
            for (name, _) in counts { stats[name] = .integer(row?[name] ?? 0) }
        }
        // Nothing is sold, so nothing is counted towards quotas; visitors are neither profiled nor recorded.
        if wanted.contains("usage") { stats["usage"] = ["used_tested_users": 0, "used_tested_visitors": 0] }
        if wanted.contains("visitor_data") {
            stats["visitor_data"] = [
                "visitor_profiles_count": 0, "visitor_profiles_fields_count": 0,
                "active_personalised_experiences_count": 0,
            ]
        }
        if wanted.contains("google_analytics") {
            stats["google_analytics"] = ["used_slots": .array([]), "used_dimensions": .array([])]
        }
        if wanted.contains("visitor_insights") { stats["visitor_insights"] = ["usage": .null, "reset_at": .null] }
        return .object(stats)
    }
}
