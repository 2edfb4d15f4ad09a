package import ControlStore
import Identity
public import JSON
import Text
import Time

extension ResourceService {
    /// Adds a resource.
    /// - Parameter body: what the contract's schema has let through.
    /// - Returns: the resource with every optional member.
    /// - Throws: ``ExperimentsError``.
    public func add(
        _ description: ResourceDescription, _ body: JSONObject, expand: Set<String> = [], _ scope: ResourceScope
    ) async throws -> JSONValue {
        let patterns = await JudgedPatterns(of: [body])
        return try await store.write { database in
            let id = try insert(description, body, scope, patterns, in: database)
            return try showWhole(id, description, scope, expand: expand, in: database)
        }
    }

    /// Changes the members that the body has.
    /// - Parameter check: told the resource as it would be, before it is stored: what fits into the contract alone need
    ///   not fit beside what is there.
    /// - Throws: ``ExperimentsError``.
    public func update(
        _ description: ResourceDescription, _ id: Int64, _ body: JSONObject, expand: Set<String> = [],
        _ scope: ResourceScope, check: @escaping @Sendable (JSONObject) throws -> Void = { _ in }
    ) async throws -> JSONValue {
        let traffic = try await traffic(description, description.includable, scope.project)
        let patterns = await JudgedPatterns(of: [body])
        return try await store.write { database in
            try change(description, id, body, scope, patterns, check: check, in: database)
            return try show(
                id, description, scope, include: description.includable, expand: expand, traffic: traffic, in: database)
        }
    }

    /// Adds a copy under the name `Copy of NAME`.
    /// - Throws: ``ExperimentsError``.
    public func clone(
        _ description: ResourceDescription, _ id: Int64, include: Set<String>, _ scope: ResourceScope
    ) async throws -> JSONValue {
        let patterns = try await patterns(of: description.kind, id, scope)
        return try await store.write { database in
            let original = try find(description.kind, .id(id), scope, in: database)
            var body = original.document
            body[description.nameField] = .string("Copy of \(original.name)".codePoints(upTo: Self.maximumNameLength))
            if let status = original.status { body["status"] = .string(status) }
            // A copy is nobody's default yet.
            if body["selected_default"] != nil { body["selected_default"] = false }
            let references = try Resource.references(of: [id], from: database)[id] ?? [:]
            for reference in description.references {
                if let ids = references[reference.field] { body[reference.field] = JSONValue(ids) }
            }
            let copy = try insert(description, body, scope, patterns, in: database)
            let shown = include.isEmpty ? description.includable : include
            return try show(copy, description, scope, include: shown, expand: [], in: database)
        }
    }

    /// Deletes a resource for good.
    /// - Returns: what it was.
    /// - Throws: ``ExperimentsError``: a conflict while a running experience uses it.
    @discardableResult
    public func delete(
        _ description: ResourceDescription, _ id: Int64, _ scope: ResourceScope
    ) async throws -> JSONValue {
        try await store.write { try remove(description, id, scope, in: $0) }
    }

    private static let maximumNameLength = 100

    /// - Parameters:
    ///   - patterns: what is known of those of the body.
    ///   - deferring: what the caller sees to when all is there.
    package func insert(
        _ description: ResourceDescription, _ body: JSONObject, _ scope: ResourceScope,
        _ patterns: JudgedPatterns = JudgedPatterns(), deferring: DeferredChecks = [], in database: Database
    ) throws -> Int64 {
        guard try Project.fetch(scope.project.id, from: database) != nil else {
            throw ExperimentsError.notFound("There is no project \(scope.project.id) any more.")
        }
        var draft = ResourceDraft(
            kind: description.kind, projectType: scope.project.type, old: nil, oldStatus: nil, now: clock.now,
            name: body[description.nameField]?.string ?? "",
            status: description.initialStatus.map { body["status"]?.string ?? $0 },
            document: description.document(of: body))
        for (field, value) in description.defaults where draft.document[field] == nil { draft.document[field] = value }
        try description.check(&draft, patterns)
        if description.kind == .experience { try checkStart(from: nil, to: draft.status, scope) }
        if !deferring.contains(.uniqueNames) {
            try checkName(draft.name, description, scope, except: nil, in: database)
        }
        var key: String?
        if description.hasKey {
            key = try newKey(
                body["key"]?.string, name: draft.name, description.kind, scope.project.id, in: database)
        }
        let now = clock.now
        let id = try database.insert(
            prepared: """
                INSERT INTO resources (
                    project_id, kind, key, name, status, document, search_text, created_by, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, '', ?, ?, ?)
                """,
            arguments: [
                scope.project.id, description.kind.rawValue, key, draft.name, draft.status,
                try StoredDocument.text(draft.document), scope.author.name, now, now,
            ])
        try setSearchText(of: id, description, draft, key: key, in: database)
        try setReferences(of: id, description, body, scope, in: database)
        if !deferring.contains(.rules) { try setRuleReferences(of: id, draft.document, scope, in: database) }
        try description.parts?.store(
            PartsChange(
                id: id, old: nil, body: body, oldReferences: [], scope: scope, service: self, deferring: deferring),
            in: database)
        let new = try showWhole(id, description, scope, in: database).object ?? JSONObject()
        try changeLog(scope).record(
            "create", description.kind.rawValue, id: id, old: nil, new: description.historical(new), in: database)
        return id
    }

    /// - Parameters:
    ///   - patterns: what is known of those of the body.
    ///   - deferring: what the caller sees to when all is there.
    package func change(
        _ description: ResourceDescription, _ id: Int64, _ body: JSONObject, _ scope: ResourceScope,
        _ patterns: JudgedPatterns = JudgedPatterns(), deferring: DeferredChecks = [],
        check: (JSONObject) throws -> Void = { _ in }, in database: Database
    ) throws {
        let resource = try find(description.kind, .id(id), scope, in: database)
        let before = try showWhole(id, description, scope, in: database).object ?? JSONObject()
        var merged = description.historical(before)
        for (field, value) in body { merged[field] = value }
        try check(merged)
        var draft = ResourceDraft(
            kind: description.kind, projectType: scope.project.type, old: resource.document,
            oldStatus: resource.status, now: clock.now, name: resource.name, status: resource.status,
            document: resource.document)
        if let name = body[description.nameField]?.string { draft.name = name }
        if description.initialStatus != nil, let status = body["status"]?.string { draft.status = status }
        for (field, value) in description.document(of: body) { draft.document[field] = value }
        try description.check(&draft, patterns)
        try checkRights(resource, description.kind, becoming: draft, scope, in: database)
        if !deferring.contains(.uniqueNames) {
            try checkName(draft.name, description, scope, except: id, in: database)
        }
        var key = resource.key
        if description.hasKey, let wanted = body["key"]?.string,
            !wanted.hasSameBytes(as: resource.key ?? "")
        {
            key = try givenKey(wanted, description.kind, scope.project.id, except: id, in: database)
            if description.kind == .experience, let old = resource.key {
                try checkNamedByNoRule(experienceKey: old, of: id, scope, in: database)
            }
        }
        try database.execute(
            prepared: "UPDATE resources SET key = ?, name = ?, status = ?, document = ?, updated_at = ? WHERE id = ?",
            arguments: [
                key, draft.name, draft.status, try StoredDocument.text(draft.document), clock.now, id,
            ])
        try setSearchText(of: id, description, draft, key: key, in: database)
        let oldReferences = try Resource.references(of: [id], from: database)[id] ?? [:]
        try setReferences(of: id, description, body, scope, in: database)
        if !deferring.contains(.rules) { try setRuleReferences(of: id, draft.document, scope, in: database) }
        try description.parts?.store(
            PartsChange(
                id: id, old: resource, body: body, oldReferences: Set(oldReferences.values.joined()), scope: scope,
                service: self, deferring: deferring),
            in: database)
        let after = try showWhole(id, description, scope, in: database).object ?? JSONObject()
        guard
            let changes = ChangeLog.difference(description.historical(before), description.historical(after))
        else { return }
        try changeLog(scope).record(
            Self.event(of: changes.new), description.kind.rawValue, id: id, old: changes.old, new: changes.new,
            in: database)
    }

    @discardableResult
    package func remove(
        _ description: ResourceDescription, _ id: Int64, _ scope: ResourceScope, in database: Database
    ) throws -> JSONValue {
        let resource = try find(description.kind, .id(id), scope, in: database)
        if resource.document["is_system"]?.bool == true {
            throw ExperimentsError.conflict("The \(description.kind.noun) \(id) belongs to the system; it stays.")
        }
        try checkRights(resource, description.kind, becoming: nil, scope, in: database)
        try checkNoExperienceNeeds(id, description.kind, in: database)
        try checkNamedByNoRule(id, description.kind, in: database)
        if description.kind == .experience, let key = resource.key {
            try checkNamedByNoRule(experienceKey: key, of: id, scope, in: database)
        }
        let shown = try showWhole(id, description, scope, in: database)
        let old = shown.object ?? JSONObject()
        if description.kind == .experience {
            try activity.events.schedule(experience: id, project: scope.project.id, in: database)
        }
        try description.parts?.remove(resource, scope, self, in: database)
        let measuring = description.kind == .goal ? try experiences(measuring: id, in: database) : []
        try database.execute(prepared: "DELETE FROM resources WHERE id = ?", arguments: [id])
        for experience in measuring { try move(experience, onFromPrimaryGoal: id, scope, in: database) }
        try changeLog(scope).record(
            "delete", description.kind.rawValue, id: id, old: description.historical(old), new: nil, in: database)
        return shown
    }

    /// What an experience measures first is always among its goals.
    private func experiences(measuring goal: Int64, in database: Database) throws -> [Int64] {
        try database.values(
            Int64.self, prepared: "SELECT resource_id FROM resource_references WHERE target_id = ? AND field = 'goals'",
            arguments: [goal])
    }

    /// An experience that was to measure a deleted goal first goes on with the next of its goals.
    private func move(
        _ experience: Int64, onFromPrimaryGoal goal: Int64, _ scope: ResourceScope, in database: Database
    ) throws {
        let row = try database.row(
            prepared: """
                UPDATE resources SET document = ifnull(
                    (SELECT \(SQL.setting("primary_goal", to: "target_id")) FROM resource_references
                    WHERE resource_id = resources.id AND field = 'goals' ORDER BY position LIMIT 1),
                    \(SQL.removing("primary_goal")))
                WHERE id = ? AND kind = 'experience' AND \(SQL.member("primary_goal")) = ?
                RETURNING \(SQL.member("primary_goal")) AS next
                """,
            arguments: [experience, goal])
        guard let row else { return }
        let next: Int64? = try row.read("next")
        try changeLog(scope).record(
            "update", ResourceKind.experience.rawValue, id: experience,
            old: JSONObject([("primary_goal", .integer(goal))]),
            new: JSONObject([("primary_goal", next.map { .integer($0) } ?? .null)]), in: database)
    }

    /// Running experiences need all they use. Those that were started cannot do without the goal that they are judged
    /// by, and none can do without a feature that its variations set.
    private func checkNoExperienceNeeds(_ id: Int64, _ kind: ResourceKind, in database: Database) throws {
        let rows = try database.rows(
            prepared: """
                SELECT DISTINCT e.id, e.name, e.status FROM resource_references r
                JOIN resources e ON e.id = r.resource_id
                WHERE r.target_id = :id AND e.kind = 'experience' AND (e.status = 'active' OR r.field = 'features'
                    OR (\(SQL.member("started", of: "e.document")) AND \(SQL.member("primary_goal", of: "e.document")) = :id))
                ORDER BY e.id LIMIT 10
                """,
            arguments: ["id": id])
        guard !rows.isEmpty else { return }
        let names = try rows.map { row in
            let (name, id, status): (String, Int64, String) = try (
                row.read("name"), row.read("id"), row.read("status")
            )
            return "\(name) (\(id), \(status))"
        }
        throw ExperimentsError.conflict(
            "The \(kind.noun) \(id) is used by experiences: \(names.joined(separator: ", ")). "
                + "Take it out of them, or delete them, first.")
    }

    /// A change of nothing but the status, and of the times that go with it, is told by what it does.
    private static func event(of new: JSONObject) -> String {
        let others = new.contains { name, _ in !["status", "start_time", "end_time"].contains(name) }
        guard !others, let status = new["status"]?.string else { return "update" }
        switch status {
        case "active": return "activate"
        case "archived": return "archive"
        case "paused": return "pause"
        case "completed": return "complete"
        case "scheduled": return "schedule"
        default: return "update"
        }
    }
}

/// What cannot be checked of one resource before others are stored too.
package struct DeferredChecks: OptionSet {
    package let rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// That what rules name is there.
    package static let rules = DeferredChecks(rawValue: 1)
    /// That no other has the name.
    package static let uniqueNames = DeferredChecks(rawValue: 2)
    /// That nothing archived comes into use: a copy is like what it was made of.
    package static let archived = DeferredChecks(rawValue: 4)
}
