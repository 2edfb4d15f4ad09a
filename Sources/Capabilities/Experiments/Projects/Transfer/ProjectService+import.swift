import ControlStore
import Identity
public import JSON
public import Resources
import Text
import Time

/// What an import made: kind to the ids of the new or changed resources.
public typealias ImportedResources = [ResourceKind: [Int64]]

extension ProjectService {
    /// What the contract finds wrong with the parts of a file.
    public struct FileChecks: Sendable {
        let project: @Sendable (JSONValue) -> [ExperimentsError.Finding]
        let resource: @Sendable (ResourceKind, JSONValue) -> [ExperimentsError.Finding]

        public init(
            project: @escaping @Sendable (JSONValue) -> [ExperimentsError.Finding],
            resource: @escaping @Sendable (ResourceKind, JSONValue) -> [ExperimentsError.Finding]
        ) {
            self.project = project
            self.resource = resource
        }
    }

    /// Resources of one file.
    static let maximumResources = 5_000

    /// Makes a project out of a file, all of it or nothing.
    /// - Parameter checks: what the contract says of each resource.
    /// - Returns: the new project's id.
    /// - Throws: ``ExperimentsError`` that names the place in the file.
    public func importProject(
        _ file: JSONValue, accountID: Int64, author: ChangeAuthor, checks: FileChecks
    ) async throws -> Int64 {
        guard let settings = file["project"]?.object else {
            throw ExperimentsError.invalid(
                "file", "The file holds no project; import it into an existing one instead.")
        }
        let parts = try parts(of: file, checks)
        let patterns = await JudgedPatterns(of: parts.flatMap(\.resources))
        let now = clock.now
        return try await stage(file, accountID: accountID, projectID: nil) { database in
            let name = settings["name"]?.string ?? ""
            guard !name.isEmpty, let type = ProjectType(rawValue: settings["project_type"]?.string ?? "") else {
                throw ExperimentsError.invalid("file", "project.name and project.project_type are required.")
            }
            let rows = TenancyRows(database, masterKey: masterKey, now: now)
            let project = try rows.addProject(name: name, type: type, accountID: accountID)
            let scope = ResourceScope(project: project, author: author, role: .owner)
            try resources.changeLog(scope).record(
                "create", "project", id: project.id, old: nil, new: JSONObject([("name", .string(name))]), in: database)
            try change(scope, settings, in: database)
            _ = try insert(parts, scope, checks, patterns, in: database)
            return project.id
        }
    }

    /// Adds what a file holds to a project; resources with a key that the project has already are changed instead.
    /// - Throws: ``ExperimentsError`` that names the place in the file.
    public func importParts(
        _ file: JSONValue, _ scope: ResourceScope, checks: FileChecks
    ) async throws -> ImportedResources {
        let parts = try parts(of: file, checks)
        let patterns = await JudgedPatterns(of: parts.flatMap(\.resources))
        return try await stage(file, accountID: scope.project.accountID, projectID: scope.project.id) { database in
            if let settings = file["project"]?.object {
                var kept = settings
                // The file's domains and environments would replace those of the project.
                for name in ["domains", "environments", "name", "status"] { kept[name] = nil }
                try change(scope, kept, in: database)
            }
            return try insert(parts, scope, checks, patterns, in: database)
        }
    }

    /// Brings in a file beside the store, so that nobody waits for it but those who import.
    /// - Parameter projectID: nil for a project that is made of the file.
    private func stage<Value: Sendable>(
        _ file: JSONValue, accountID: Int64, projectID: Int64?, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        let tables =
            Project.stagedTables(accountID: accountID, id: projectID) + Resource.stagedTables(projectID: projectID)
            + resources.descriptions.values.flatMap { $0.parts?.stagedTables(projectID: projectID) ?? [] }
        do {
            return try await store.stage(
                tables, holder: accountID, identifiers: 100 + Self.identifiers(of: file),
                revision: { database in try projectID.flatMap { try Project.revision(of: $0, in: database) } }, body)
        } catch StagedChangeError.overtaken {
            throw ExperimentsError.conflict(
                "Others kept changing the project while the file was brought in; nothing of it was. Import it again.")
        }
    }

    /// How many ids of one table a file needs at most, unless combinations of versions make it more: an object of it
    /// becomes one row, and has a few entries in the history.
    private static func identifiers(of file: JSONValue) -> Int {
        switch file {
        case .array(let elements): elements.reduce(0) { $0 + identifiers(of: $1) }
        case .object(let members): members.reduce(4) { $0 + identifiers(of: $1.value) }
        default: 0
        }
    }

    private typealias Part = (kind: ResourceKind, member: String, resources: [JSONObject])

    private func parts(of file: JSONValue, _ checks: FileChecks) throws -> [Part] {
        guard file["version"]?.int64 == ProjectFile.version else {
            throw ExperimentsError.invalid(
                "file", "The file is no export of a project, or one of another version than \(ProjectFile.version).")
        }
        let known = Set(ProjectFile.members.map(\.member)).union(["version", "project"])
        let unknown = (file.object ?? JSONObject()).first { name, value in
            !known.contains(name) && value != .null && value != .array([])
        }
        if let unknown {
            throw ExperimentsError.invalid(
                unknown.key,
                "\(unknown.key) cannot be imported; the file may hold \(known.sorted().joined(separator: ", ")).")
        }
        var findings: [ExperimentsError.Finding] = []
        if let project = file["project"] {
            findings += checks.project(project).map { finding in
                let field = "project\(finding.field.isEmpty ? "" : ".\(finding.field)")"
                return ExperimentsError.Finding(field: field, message: "project: \(finding.message)")
            }
        }
        var parts: [Part] = []
        for (kind, member) in ProjectFile.members {
            guard let list = file[member], list != .null else { continue }
            guard let resources = list.array else {
                throw ExperimentsError.invalid(member, "\(member) must be an array.")
            }
            for (index, resource) in resources.enumerated() {
                findings += checks.resource(kind, resource).map { finding in
                    let field = "\(member)[\(index)]\(finding.field.isEmpty ? "" : ".\(finding.field)")"
                    return ExperimentsError.Finding(field: field, message: "\(member)[\(index)]: \(finding.message)")
                }
            }
            parts.append((kind, member, resources.compactMap(\.object)))
        }
        let count = parts.reduce(0) { $0 + $1.resources.count }
        guard count <= Self.maximumResources else {
            throw ExperimentsError.invalid(
                "file", "The file holds \(count) resources; \(Self.maximumResources) are the most. Export it in parts.")
        }
        for (kind, member, resources) in parts where self.resources.descriptions[kind]?.hasKey == true {
            var keys: Set<ClientText> = []
            for (index, resource) in resources.enumerated() {
                guard let key = resource["key"]?.string, !key.isEmpty, !keys.insert(ClientText(key)).inserted else {
                    continue
                }
                let field = "\(member)[\(index)].key"
                findings.append(.init(field: field, message: "\(field): another one of the file has the key \(key)."))
            }
        }
        if !findings.isEmpty { throw ExperimentsError.invalid(Array(findings.prefix(50))) }
        return parts
    }

    private func insert(
        _ parts: [Part], _ scope: ResourceScope, _ checks: FileChecks, _ patterns: JudgedPatterns,
        in database: Database
    ) throws -> ImportedResources {
        var newIDs: [ResourceKind: [Int64: Int64]] = [:]
        var imported: ImportedResources = [:]
        var newKeys: [ClientText: String] = [:]
        var waiting: [(id: Int64, resource: JSONObject, place: String)] = []
        for (kind, member, list) in parts {
            guard let description = resources.descriptions[kind] else { continue }
            for (index, resource) in list.enumerated() {
                var body = resource
                let oldID = body["id"]?.int64
                body["id"] = nil
                // Tags come before what bears them; rules may name what comes later, so they are put right at the end.
                if let tags = body["tags"]?.array {
                    body["tags"] = .array(try Self.map(tags: tags, "\(member)[\(index)].tags", newIDs[.tag] ?? [:]))
                }
                for rules in ResourceService.ruleMembers {
                    body[rules] = body[rules].map { tree in
                        RuleReferences.mapRules(tree) { named, old in newIDs[named]?[old] ?? old }
                    }
                }
                let place = "\(member)[\(index)]"
                if kind == .hypothesis {
                    // The file may hold the hypothesis without the experiences.
                    let experiences = body["experiences"]?.array?.compactMap(\.int64) ?? []
                    body["experiences"] = JSONValue(experiences.compactMap { newIDs[.experience]?[$0] })
                }
                let id = try ExperimentsError.placing(in: place) {
                    if let parts = description.parts {
                        let transfer = ResourceTransfer(
                            newIDs: newIDs, service: resources, scope: scope, patterns: patterns)
                        return try parts.add(body, transfer, in: database)
                    }
                    return try put(body, description, scope, checks, patterns, in: database)
                }
                if let oldID { newIDs[kind, default: [:]][oldID] = id }
                if kind == .experience, let oldKey = resource["key"]?.string {
                    newKeys[ClientText(oldKey)] = try resources.find(kind, .id(id), scope, in: database).key
                }
                imported[kind, default: []].append(id)
                waiting.append((id, resource, "\(member)[\(index)]"))
            }
        }
        for (id, resource, place) in waiting {
            try putRulesRight(id, resource, place, newIDs, newKeys, scope, in: database)
        }
        return imported
    }

    /// Ids become those that the tags have here; tags in full stay as they are.
    private static func map(tags: [JSONValue], _ place: String, _ newIDs: [Int64: Int64]) throws -> [JSONValue] {
        try tags.enumerated().map { index, tag in
            guard let old = tag.int64 else { return tag }
            guard let new = newIDs[old] else {
                let field = "\(place)[\(index)]"
                throw ExperimentsError.invalid(field, "\(field): the file holds no tag \(old).")
            }
            return .integer(new)
        }
    }

    private func put(
        _ body: JSONObject, _ description: ResourceDescription, _ scope: ResourceScope, _ checks: FileChecks,
        _ patterns: JudgedPatterns, in database: Database
    ) throws -> Int64 {
        if description.hasKey, let key = body["key"]?.string,
            let known = try Resource.fetch(key: key, description.kind, projectID: scope.project.id, from: database)
        {
            let check: (JSONObject) throws -> Void = { merged in
                let findings = checks.resource(description.kind, .object(merged))
                if !findings.isEmpty { throw ExperimentsError.invalid(findings) }
            }
            try resources.change(
                description, known.id, body, scope, patterns, deferring: .rules, check: check, in: database)
            return known.id
        }
        if description.kind == .tag, let name = body["name"]?.string {
            let known = try Resource.id(named: name, .tag, projectID: scope.project.id, from: database)
            if let known { return known }
        }
        return try resources.insert(description, body, scope, patterns, deferring: .rules, in: database)
    }

    /// Rules name goals and segments by the ids that they had where the file was made, and experiences by their keys. A
    /// key that the file does not hold stays: the project may have it, and to an SDK one that is unknown is no mistake.
    private func putRulesRight(
        _ id: Int64, _ resource: JSONObject, _ place: String,
        _ newIDs: [ResourceKind: [Int64: Int64]], _ newKeys: [ClientText: String], _ scope: ResourceScope,
        in database: Database
    ) throws {
        var document = try Resource.document(of: id, from: database) ?? JSONObject()
        let stored = document
        for member in ResourceService.ruleMembers {
            guard let rules = resource[member] else { continue }
            let named = RuleReferences.mapExperienceKeys(rules) { newKeys[ClientText($0)] ?? $0 }
            let mapped = try RuleReferences.mapRules(named) { named, old in
                guard let new = newIDs[named]?[old] else {
                    throw ExperimentsError.invalid(
                        "\(place).\(member)",
                        "\(place).\(member) names the \(named.noun) \(old), which the file does not hold. Export it too."
                    )
                }
                return new
            }
            if mapped != rules { document[member] = mapped }
        }
        if document != stored { try Resource.store(document, of: id, in: database) }
        try resources.setRuleReferences(of: id, document, scope, in: database)
    }
}
