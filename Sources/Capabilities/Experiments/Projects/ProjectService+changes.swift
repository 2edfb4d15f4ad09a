import ControlStore
import Identity
public import JSON
import ProjectDocuments
public import Resources
import Time

extension ProjectService {
    /// Adds a project with its domains and environments.
    /// - Throws: ``ExperimentsError``.
    public func add(
        _ body: JSONObject, accountID: Int64, author: ChangeAuthor, _ options: Options
    ) async throws -> JSONValue {
        let now = clock.now
        return try await store.write { database in
            let name = try Self.name(of: body, in: accountID, except: nil, database)
            let type = body["project_type"]?.string.flatMap(ProjectType.init) ?? .web
            let rows = TenancyRows(database, masterKey: masterKey, now: now)
            let project = try rows.addProject(name: name, type: type, accountID: accountID)
            try setStored(project, body, old: JSONValue.object(JSONObject()), status: nil, in: database)
            let scope = ResourceScope(project: project, author: author, role: .owner)
            try setParts(of: scope, body, rows, in: database)
            try log(scope).record(
                "create", "project", id: project.id, old: nil, new: historical(project.id, in: database), in: database)
            return try show(project.id, options, in: database)
        }
    }

    /// Changes the members that the body has; settings are merged member by member, lists replace what they name.
    /// - Throws: ``ExperimentsError``.
    public func update(_ scope: ResourceScope, _ body: JSONObject, _ options: Options) async throws -> JSONValue {
        try await store.write { database in
            try change(scope, body, in: database)
            return try show(scope.project.id, options, in: database)
        }
    }

    func change(_ scope: ResourceScope, _ body: JSONObject, in database: Database) throws {
        let project = scope.project
        guard
            let row = try database.row(
                sql: "SELECT document, status FROM projects WHERE id = ?", arguments: [project.id])
        else { throw ExperimentsError.notFound("There is no project \(project.id) in this account.") }
        if let type = body["project_type"]?.string, type != project.type.rawValue {
            throw ExperimentsError.invalid("project_type", "project_type cannot be changed; make another project.")
        }
        let before = try historical(project.id, in: database)
        if body["name"] != nil {
            let name = try Self.name(of: body, in: project.accountID, except: project.id, database)
            try Project.rename(project.id, to: name, in: database)
        }
        try setStored(
            project, body, old: try JSONValue(stored: row.read("document", as: String.self)),
            status: row.read("status"), in: database)
        try setParts(of: scope, body, TenancyRows(database, masterKey: masterKey, now: clock.now), in: database)
        guard let changes = ChangeLog.difference(before, try historical(project.id, in: database)) else { return }
        try log(scope).record(
            "update", "project", id: project.id, old: changes.old, new: changes.new, in: database)
    }

    /// Sets the tracking script's version of many projects (`bulkUpdateProjects`).
    /// - Returns: those that failed.
    /// - Throws: trouble of the store before anything was changed.
    public func update(
        _ projects: [ResourceScope], _ body: JSONObject
    ) async throws -> [BulkFailure] {
        let scopes = projects.reduce(into: [Int64: ResourceScope]()) { $0[$1.project.id] = $1 }
        return try await BulkChange(store).run(projects.map(\.project.id)) { id, database in
            if let scope = scopes[id] { try change(scope, body, in: database) }
        }
    }

    /// Deletes a project for good: everything in it and its keys at once, in one transaction; its events, visitors and
    /// files soon after, by a job that is queued in that transaction. The account's change history stays.
    public func delete(_ scope: ResourceScope) async throws {
        let id = scope.project.id
        try await store.write { database in
            let old = try historical(id, in: database)
            let environments = try ProjectEnvironment.fetchAll(projectID: id, from: database)
            try contents.schedule(environments: environments.map(\.id), project: id, in: database)
            try Project.delete(id, in: database)
            try log(scope).record("delete", "project", id: id, old: old, new: nil, in: database)
        }
        keys.remove(projectID: id)
    }

    private func log(_ scope: ResourceScope) -> ChangeLog {
        resources.changeLog(scope)
    }

    private static func name(
        of body: JSONObject, in accountID: Int64, except id: Int64?, _ database: Database
    ) throws -> String {
        let name = body["name"]?.string ?? ""
        guard name.contains(where: { !$0.isWhitespace }) else {
            throw ExperimentsError.invalid("name", "name must not be empty.")
        }
        return name
    }

    private func setStored(
        _ project: Project, _ body: JSONObject, old: JSONValue, status: String?, in database: Database
    ) throws {
        let document = old.merged(with: ProjectDocument.kept(of: body))
        if let zone = ProjectDocument(document).settings.timeZone, !TimeZones.isKnown(zone) {
            throw ExperimentsError.invalid(
                "settings.time_zone", "settings.time_zone must be a zone name such as Europe/London.")
        }
        try BlockedAddresses.check(ProjectDocument(body).reportingSettings.blockedIPs, in: "reporting_settings")
        let wanted = body["status"]?.string ?? status ?? "active"
        guard wanted != "suspended" || status == "suspended" else {
            throw ExperimentsError.invalid("status", "status can be set to active or inactive.")
        }
        try Project.store(
            settings: try StoredDocument.text(document), status: wanted, of: project.id, at: clock.now, in: database)
    }

    /// What the change history compares.
    private func historical(_ id: Int64, in database: Database) throws -> JSONObject {
        let options = Options(
            include: ["global_javascript", "domains", "default_goals", "default_audiences", "default_locations"],
            expand: [], baseURL: "")
        var shown = try show(id, options, in: database).object ?? JSONObject()
        for passing in ["id", "account_id", "created_at", "modified_at", "tracking_snippet", "sdk_key", "type"] {
            shown[passing] = nil
        }
        var project = ProjectDocument(shown)
        project.settings.version = nil
        return project.members
    }
}
