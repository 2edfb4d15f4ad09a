package import ControlStore
import Identity
import JSON

/// What a stored resource consists of besides its document.
extension ResourceService {
    func newKey(
        _ given: String?, name: String, _ kind: ResourceKind, _ projectID: Int64, in database: Database
    ) throws -> String {
        if let given, !given.isEmpty { return try givenKey(given, kind, projectID, except: nil, in: database) }
        let base = ResourceKey.base(from: name, fallback: kind.rawValue)
        return try ResourceKey.free(base, kind, projectID: projectID, in: database)
    }

    func givenKey(
        _ key: String, _ kind: ResourceKind, _ projectID: Int64, except id: Int64?, in database: Database
    ) throws -> String {
        guard ResourceKey.isUsable(key) else {
            throw ExperimentsError.invalid(
                "key", "key must not be a number, the word add, or hold spaces or slashes: it could not be looked up.")
        }
        if try ResourceKey.isTaken(key, kind, projectID: projectID, except: id, in: database) {
            throw ExperimentsError.conflict("Another \(kind.noun) of the project has the key \(key).")
        }
        return key
    }

    func checkName(
        _ name: String, _ description: ResourceDescription, _ scope: ResourceScope, except id: Int64?,
        in database: Database
    ) throws {
        guard description.hasUniqueNames,
            let other = try Resource.id(named: name, description.kind, projectID: scope.project.id, from: database),
            other != id
        else { return }
        throw ExperimentsError.conflict("The project has the \(description.kind.noun) \(name) already: \(other).")
    }

    func setSearchText(
        of id: Int64, _ description: ResourceDescription, _ draft: ResourceDraft, key: String?, in database: Database
    ) throws {
        let texts = description.searched.map { term in
            switch term {
            case .id: "\(id)"
            case .name: draft.name
            case .key: key ?? ""
            case .document(let field): draft.document[field]?.string ?? ""
            }
        }
        try database.execute(
            prepared: "UPDATE resources SET search_text = ? WHERE id = ?",
            arguments: [texts.joined(separator: "\n").lowercased(), id])
    }

    /// Stores what the body names in references; those that it does not mention stay.
    func setReferences(
        of id: Int64, _ description: ResourceDescription, _ body: JSONObject, _ scope: ResourceScope,
        in database: Database
    ) throws {
        for reference in description.references {
            guard let value = body[reference.field] else { continue }
            var ids: [Int64] = []
            for (index, element) in (value.array ?? []).enumerated() {
                let field = "\(reference.field)[\(index)]"
                let target = try target(of: reference, element, field, scope, in: database)
                if !ids.contains(target) { ids.append(target) }
            }
            try storeReferences(of: id, reference.field, ids, in: database)
        }
    }

    /// Puts these in place of what the field referred to.
    package func storeReferences(of id: Int64, _ field: String, _ targets: [Int64], in database: Database) throws {
        try database.execute(
            prepared: "DELETE FROM resource_references WHERE resource_id = ? AND field = ?", arguments: [id, field])
        for (position, target) in targets.enumerated() {
            try database.execute(
                prepared:
                    "INSERT INTO resource_references (resource_id, field, target_id, position) VALUES (?, ?, ?, ?)",
                arguments: [id, field, target, position])
        }
    }

    private func target(
        of reference: ResourceDescription.Reference, _ element: JSONValue, _ field: String, _ scope: ResourceScope,
        in database: Database
    ) throws -> Int64 {
        if reference.creates, let object = element.object, let description = descriptions[reference.target] {
            if let id = object["id"]?.int64 {
                return try existing(reference.target, id, field, scope, in: database)
            }
            if let name = object[description.nameField]?.string,
                let known = try Resource.id(named: name, reference.target, projectID: scope.project.id, from: database)
            {
                return known
            }
            return try ExperimentsError.placing(in: field) { try insert(description, object, scope, in: database) }
        }
        return try existing(reference.target, element.int64 ?? 0, field, scope, in: database)
    }

    package func existing(
        _ kind: ResourceKind, _ id: Int64, _ field: String, _ scope: ResourceScope, in database: Database
    ) throws -> Int64 {
        let isThere = try database.value(
            Bool.self, prepared: "SELECT EXISTS (SELECT 1 FROM resources WHERE id = ? AND project_id = ? AND kind = ?)",
            arguments: [id, scope.project.id, kind.rawValue])
        guard isThere == true else {
            throw ExperimentsError.invalid(field, "\(field): there is no \(kind.noun) \(id) in this project.")
        }
        return id
    }
}

extension ResourceDescription {
    /// The members of a body that the document keeps.
    func document(of body: JSONObject) -> JSONObject {
        JSONObject(body.lazy.filter { members.contains($0.key) }.map { ($0.key, $0.value) })
    }

    /// Runs the rules, those that every kind has first.
    func check(_ draft: inout ResourceDraft, _ patterns: JudgedPatterns) throws {
        try ResourceService.checkSize(ofRulesIn: draft.document, old: draft.old)
        try RuleCheck.check(rulesIn: draft.document, old: draft.old, patterns)
        guard draft.name.contains(where: { !$0.isWhitespace }) else {
            throw ExperimentsError.invalid(nameField, "\(nameField) must not be empty.")
        }
        for rule in rules { try rule(&draft) }
    }

    /// What the change history keeps of a shown resource: nothing that changes by itself.
    func historical(_ shown: JSONObject) -> JSONObject {
        let passing: Set<String> = [
            "id", "stats", "updated_at", "created_at", "created_by", "project", "alerts", "concurrency_key",
            "min_running_timestamp", "max_running_timestamp", "collaborators", "screenshots_info",
        ]
        return JSONObject(shown.lazy.filter { !passing.contains($0.key) }.map { ($0.key, $0.value) })
    }
}
