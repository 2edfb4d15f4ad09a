import ControlStore
import GRDB
import Identity
public import JSON
import Time

/// What an import made: kind to the ids of the new or changed resources.
public typealias ImportedResources = [ResourceKind: [Int64]]

extension ProjectService {
    /// Checks one resource of a file against the contract; returns what is wrong with it.
    public typealias ResourceCheck = @Sendable (ResourceKind, JSONValue) -> [ExperimentsError.Finding]

    /// Makes a project out of a file, all of it or nothing.
    /// - Parameter check: what the contract says of each resource.
    /// - Returns: the new project's id.
    /// - Throws: ``ExperimentsError`` that names the place in the file.
    public func importProject(
        _ file: JSONValue, accountID: Int64, author: ChangeAuthor, check: ResourceCheck
    ) async throws -> Int64 {
        guard let settings = file["project"]?.object else {
            throw ExperimentsError.invalid(
                "file", "The file holds no project; import it into an existing one instead.")
        }
        let parts = try Self.parts(of: file, check)
        let now = clock.now
        return try await store.database.write { database in
            let name = settings["name"]?.string ?? ""
            guard !name.isEmpty, let type = ProjectType(rawValue: settings["project_type"]?.string ?? "") else {
                throw ExperimentsError.invalid("file", "project.name and project.project_type are required.")
            }
            let rows = TenancyRows(database, masterKey: masterKey, now: now)
            let project = try rows.addProject(name: name, type: type, accountID: accountID)
            let scope = ResourceScope(project: project, author: author)
            try resources.changeLog(scope).record(
                "create", "project", id: project.id, old: nil, new: JSONObject([("name", .string(name))]), in: database)
            try change(scope, settings, in: database)
            _ = try insert(parts, scope, in: database)
            return project.id
        }
    }

    /// Adds what a file holds to a project; resources with a key that the project has already are changed instead.
    /// - Throws: ``ExperimentsError`` that names the place in the file.
    public func importParts(
        _ file: JSONValue, _ scope: ResourceScope, check: ResourceCheck
    ) async throws -> ImportedResources {
        let parts = try Self.parts(of: file, check)
        return try await store.database.write { database in
            if let settings = file["project"]?.object {
                var kept = settings
                // The file's domains and environments would replace those of the project.
                for name in ["domains", "environments", "name", "status"] { kept[name] = nil }
                try change(scope, kept, in: database)
            }
            return try insert(parts, scope, in: database)
        }
    }

    private typealias Part = (kind: ResourceKind, member: String, resources: [JSONObject])

    private static func parts(of file: JSONValue, _ check: ResourceCheck) throws -> [Part] {
        guard file["version"]?.int64 == ProjectFile.version else {
            throw ExperimentsError.invalid(
                "file", "The file is no export of a project, or one of another version than \(ProjectFile.version).")
        }
        var findings: [ExperimentsError.Finding] = []
        var parts: [Part] = []
        for (kind, member) in ProjectFile.members {
            guard let list = file[member] else { continue }
            guard let resources = list.array else {
                throw ExperimentsError.invalid(member, "\(member) must be an array.")
            }
            for (index, resource) in resources.enumerated() {
                findings += check(kind, resource).map { finding in
                    let field = "\(member)[\(index)]\(finding.field.isEmpty ? "" : ".\(finding.field)")"
                    return ExperimentsError.Finding(field: field, message: "\(member)[\(index)]: \(finding.message)")
                }
            }
            parts.append((kind, member, resources.compactMap(\.object)))
        }
        if !findings.isEmpty { throw ExperimentsError.invalid(Array(findings.prefix(50))) }
        return parts
    }

    private func insert(_ parts: [Part], _ scope: ResourceScope, in database: Database) throws -> ImportedResources {
        var newIDs: [ResourceKind: [Int64: Int64]] = [:]
        var imported: ImportedResources = [:]
        var waiting: [(id: Int64, resource: JSONObject, place: String)] = []
        for (kind, member, list) in parts {
            guard let description = ResourceDescription.all[kind] else { continue }
            for (index, resource) in list.enumerated() {
                var body = resource
                let oldID = body["id"]?.int64
                body["id"] = nil
                // Tags come before what bears them; rules may name what comes later, so they are put right at the end.
                if let tags = body["tags"]?.array?.compactMap(\.int64) {
                    body["tags"] = JSONValue(tags.compactMap { newIDs[.tag]?[$0] })
                }
                for rules in ResourceService.ruleMembers {
                    body[rules] = body[rules].map { tree in
                        ProjectFile.mapRules(tree) { named, old in newIDs[named]?[old] ?? old }
                    }
                }
                let id = try put(body, description, scope, in: database)
                if let oldID { newIDs[kind, default: [:]][oldID] = id }
                imported[kind, default: []].append(id)
                waiting.append((id, resource, "\(member)[\(index)]"))
            }
        }
        for (id, resource, place) in waiting { try putRulesRight(id, resource, place, newIDs, scope, in: database) }
        return imported
    }

    private func put(
        _ body: JSONObject, _ description: ResourceDescription, _ scope: ResourceScope, in database: Database
    ) throws -> Int64 {
        if description.hasKey, let key = body["key"]?.string,
            let known = try Resource.fetch(key: key, description.kind, projectID: scope.project.id, from: database)
        {
            try resources.change(description, known.id, body, scope, rulesComeLater: true, in: database)
            return known.id
        }
        if description.kind == .tag, let name = body["name"]?.string {
            let known = try Resource.id(named: name, .tag, projectID: scope.project.id, from: database)
            if let known { return known }
        }
        return try resources.insert(description, body, scope, rulesComeLater: true, in: database)
    }

    /// Rules name goals and segments by the ids that they had where the file was made.
    private func putRulesRight(
        _ id: Int64, _ resource: JSONObject, _ place: String,
        _ newIDs: [ResourceKind: [Int64: Int64]], _ scope: ResourceScope, in database: Database
    ) throws {
        for member in ResourceService.ruleMembers {
            guard let rules = resource[member] else { continue }
            let mapped = try ProjectFile.mapRules(rules) { named, old in
                guard let new = newIDs[named]?[old] else {
                    throw ExperimentsError.invalid(
                        "\(place).\(member)",
                        "\(place).\(member) names the \(named.noun) \(old), which the file does not hold. Export it too."
                    )
                }
                return new
            }
            guard mapped != rules else { continue }
            try database.execute(
                sql: "UPDATE resources SET document = json_set(document, '$.\(member)', json(?)) WHERE id = ?",
                arguments: [mapped.encodedString, id])
        }
        let stored = try String.fetchOne(database, sql: "SELECT document FROM resources WHERE id = ?", arguments: [id])
        let document = try JSONValue(parsing: stored ?? "{}").object ?? JSONObject()
        try resources.setRuleReferences(of: id, document, scope, in: database)
    }
}
