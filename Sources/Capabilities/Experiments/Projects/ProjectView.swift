import ControlStore
import Identity
import JSON
import ProjectDocuments
import Resources
import Time

/// Turns stored projects into what answers hold (contract schema `Project`).
struct ProjectView {
    let options: ProjectService.Options
    let plans: AccountPlans
    let now: Timestamp

    /// The defaults of new experiences: member, and the kind it lists.
    static let defaults: [(member: String, kind: ResourceKind)] = [
        ("default_goals", .goal), ("default_audiences", .audience), ("default_locations", .location),
    ]

    func show(_ row: Row, from database: Database) throws -> JSONValue {
        let id: Int64 = try row.read("id")
        let accountID: Int64 = try row.read("account_id")
        let (name, type, status): (String, String, String) = try (
            row.read("name"), row.read("type"), row.read("status")
        )
        let (created, updated): (Timestamp, Timestamp) = try (
            row.read("created_at"), row.read("updated_at")
        )
        let revision: Int64 = try row.read("revision")
        var document = ProjectDocument.shown(try JSONValue(stored: row.read("document", as: String.self)))
        document.settings.version = .string("\(updated.formatted(.secondsUTC))-\(revision)")
        var project: JSONValue = [
            "id": .integer(id), "account_id": .integer(accountID), "name": .string(name),
            "project_type": .string(type), "type": "own", "status": .string(status),
            "created_at": .integer(created.seconds), "modified_at": .integer(updated.seconds),
            "tracking_snippet": .string(Self.snippet(options.baseURL, accountID, id)),
            "sdk_key": try sdkKey(of: id, type, from: database),
            "environments": try environments(of: id, from: database),
        ]
        if let role = options.accesses?.role(inProject: id) { project["accessRole"] = .string(role.rawValue) }
        for (member, value) in document.members where member != "global_javascript" {
            project[member] = value
        }
        if options.include.contains("global_javascript") {
            project["global_javascript"] = document.members["global_javascript"] ?? .null
        }
        if options.include.contains("domains") { project["domains"] = try domains(of: id, from: database) }
        for (member, kind) in Self.defaults where options.include.contains(member) {
            project[member] = try defaults(kind, of: id, expanded: options.expand.contains(member), from: database)
        }
        if let stats = try statistics(of: id, accountID: accountID, from: database) { project["stats"] = stats }
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
        return try APIKey.sdkKey(of: id, from: database).map { .string($0) } ?? .null
    }

    private func environments(of id: Int64, from database: Database) throws -> JSONValue {
        .object(
            JSONObject(
                try ProjectEnvironment.fetchAll(projectID: id, from: database).map { environment in
                    let name = environment.name
                    let label = environment.label ?? name.prefix(1).uppercased() + name.dropFirst()
                    let shown: JSONValue = [
                        "label": .string(label), "is_default": .bool(environment.isDefault),
                        "js": environment.javaScript.map { .string($0) } ?? .null,
                    ]
                    return (name, shown)
                }))
    }

    private func domains(of id: Int64, from database: Database) throws -> JSONValue {
        .array(
            try Resource.fetchAll(.domain, projectID: id, from: database).map { domain in
                [
                    "id": .integer(domain.id), "url": .string(domain.name),
                    "code_installed": .bool(DomainDocument(domain.document).codeInstalled),
                ]
            })
    }

    private func defaults(
        _ kind: ResourceKind, of id: Int64, expanded: Bool, from database: Database
    ) throws -> JSONValue {
        .array(
            try Resource.defaults(kind, projectID: id, from: database).map { resource in
                expanded ? ["id": .integer(resource.id), "name": .string(resource.name)] : .integer(resource.id)
            })
    }

    /// The members of `stats` that were asked for; nil when none was.
    private func statistics(of id: Int64, accountID: Int64, from database: Database) throws -> JSONValue? {
        let prefix = "stats."
        let wanted = Set(options.include.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) })
        if wanted.isEmpty { return nil }
        let counts = [
            ("experiences_count", ResourceCount(.experience)),
            ("active_experiences_count", ResourceCount(.experience, status: "active")),
            ("active_experiments_count", ResourceCount(.experience, status: "active", types: .allBut("deploy"))),
            ("segments_count", ResourceCount(.audience, types: .only("segmentation"))),
            ("active_segments_count", ResourceCount(.audience, status: "active", types: .only("segmentation"))),
            ("active_goals_count", ResourceCount(.goal, status: "active")),
        ]
        var stats = JSONObject()
        for (name, count) in counts where wanted.contains(name) {
            stats[name] = .integer(try count.total(in: [id], from: database))
        }
        if wanted.contains("usage") {
            let used = try plans.tested(in: id, of: accountID, at: now, from: database)
            stats["usage"] = AccountPlans.shown(used)
        }
        // Visitors are neither profiled nor recorded.
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
