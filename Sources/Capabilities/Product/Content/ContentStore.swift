public import ControlStore
import JSON
public import Time

/// The content of an environment.
public struct ContentStore: Sendable {
    let store: ControlStore
    private let clock: WallClock

    public init(store: ControlStore, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// - Throws: ``ContentError``.
    public func create(_ content: NewContent, environmentID: Int64) async throws -> Content {
        try ContentRules.check(
            kind: content.kind, title: content.title, type: content.type, parts: content.parts)
        try ContentRules.check(
            kind: content.kind, form: content.form, survey: content.survey, details: content.details)
        let form = content.form ?? content.kind.standardForm
        let survey = content.survey ?? (content.kind == .survey ? .multipleQuestion : nil)
        let now = clock.now
        return try await store.write { database in
            let key = try Self.freeKey(for: content, environmentID, in: database)
            let id = try database.insert(
                sql: """
                    INSERT INTO contents (
                        environment_id, kind, key, title, type, status, platform, \(content.kind.parts.rawValue),
                        form, survey, is_paused, details, created_at, updated_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    environmentID, content.kind.rawValue, key, content.title, content.type?.rawValue,
                    content.status.rawValue, content.platform.rawValue, JSONValue.array(content.parts).encodedString,
                    form?.rawValue, survey?.rawValue, content.isPaused, content.details.encodedString, now, now,
                ])
            return Content(
                id: id, kind: content.kind, key: key, title: content.title, type: content.type,
                status: content.status, platform: content.platform, form: form, survey: survey,
                isPaused: content.isPaused, details: content.details, parts: content.parts, createdAt: now,
                updatedAt: now)
        }
    }

    /// Changes content; nil when the environment has none with this id.
    /// - Throws: ``ContentError``.
    public func update(_ id: Int64, _ changes: ContentChanges, environmentID: Int64) async throws -> Content? {
        let now = clock.now
        return try await store.write { database in
            guard let old = try Self.fetch(id, environmentID, from: database) else { return nil }
            let new = Content(
                id: id, kind: old.kind, key: old.key, title: changes.title ?? old.title,
                type: changes.type ?? old.type, status: changes.status ?? old.status,
                platform: changes.platform ?? old.platform, form: changes.form ?? old.form,
                survey: changes.survey ?? old.survey, isPaused: changes.isPaused ?? old.isPaused,
                details: old.details.merged(with: changes.details), parts: changes.parts ?? old.parts,
                createdAt: old.createdAt, updatedAt: now)
            try ContentRules.check(kind: new.kind, title: new.title, type: new.type, parts: new.parts)
            try ContentRules.check(kind: new.kind, form: new.form, survey: new.survey, details: new.details)
            try database.execute(
                sql: """
                    UPDATE contents SET title = ?, type = ?, status = ?, platform = ?, \(new.kind.parts.rawValue) = ?,
                        form = ?, survey = ?, is_paused = ?, details = ?, updated_at = ?
                    WHERE id = ? AND environment_id = ?
                    """,
                arguments: [
                    new.title, new.type?.rawValue, new.status.rawValue, new.platform.rawValue,
                    JSONValue.array(new.parts).encodedString, new.form?.rawValue, new.survey?.rawValue, new.isPaused,
                    new.details.encodedString, now, id, environmentID,
                ])
            return new
        }
    }

    /// Nil when the environment has no content with this id.
    public func content(_ id: Int64, environmentID: Int64) async throws -> Content? {
        try await store.read { try Self.fetch(id, environmentID, from: $0) }
    }

    /// Content in the order of its ids, and how much there is in all.
    /// - Parameters:
    ///   - kind: only this kind; all when nil.
    ///   - status: only this status; all when nil.
    ///   - after: the last id of the page before.
    public func list(
        environmentID: Int64, kind: ContentKind? = nil, status: ContentStatus? = nil, after id: Int64 = 0,
        limit: Int = 50
    ) async throws -> (contents: [Content], totalCount: Int) {
        let filter = """
            FROM contents WHERE environment_id = :environment AND (:kind IS NULL OR kind = :kind)
            AND (:status IS NULL OR status = :status)
            """
        let arguments: Arguments = [
            "environment": environmentID, "kind": kind?.rawValue, "status": status?.rawValue,
        ]
        return try await store.read { database in
            let contents = try Row.page(of: "content", behind: id, limit: limit, as: Content.init(row:)) { id, limit in
                try database.rows(
                    sql: "SELECT * \(filter) AND id > :after ORDER BY id LIMIT :limit",
                    arguments: arguments + ["after": id, "limit": limit])
            }
            let count = try database.value(
                Int.self, sql: "SELECT count(*) \(filter)", arguments: arguments)
            return (contents, count ?? 0)
        }
    }

    /// - Returns: false when the environment has no content with this id.
    @discardableResult
    public func delete(_ id: Int64, environmentID: Int64) async throws -> Bool {
        try await store.write { database in
            let count = try database.execute(
                sql: "DELETE FROM contents WHERE id = ? AND environment_id = ?", arguments: [id, environmentID])
            return count > 0
        }
    }

    private static func fetch(_ id: Int64, _ environmentID: Int64, from database: Database) throws -> Content? {
        try database.row(
            sql: "SELECT * FROM contents WHERE id = ? AND environment_id = ?",
            arguments: [id, environmentID]
        ).flatMap(Content.init(row:))
    }

    /// The title's key, with `_2`, `_3` and so on appended when content of the same title exists.
    private static func freeKey(
        for content: NewContent, _ environmentID: Int64, in database: Database
    ) throws -> String {
        let base = ContentRules.key(from: content.title)
        let taken = Set(
            try database.values(
                String.self,
                sql: """
                    SELECT key FROM contents
                    WHERE environment_id = ? AND kind = ? AND (key = ? OR substr(key, 1, length(?) + 1) = ? || '_')
                    """,
                arguments: [environmentID, content.kind.rawValue, base, base, base]))
        if !taken.contains(base) { return base }
        var number = 2
        while taken.contains("\(base)_\(number)") { number += 1 }
        return "\(base)_\(number)"
    }
}

extension Content {
    /// Nil for a kind that this version does not know.
    init?(row: Row) throws {
        guard let kind = try ContentKind(rawValue: row.read("kind")) else { return nil }
        let parts = try row.read(kind.parts.rawValue, as: String?.self).map { try JSONValue(stored: $0) }
        try self.init(
            id: row.read("id"), kind: kind, key: row.read("key"), title: row.read("title"),
            type: row.read("type", as: String?.self).flatMap(ContentType.init(rawValue:)),
            status: ContentStatus(rawValue: row.read("status")) ?? .draft,
            platform: ContentPlatform(rawValue: row.read("platform")) ?? .web,
            form: row.read("form", as: String?.self).flatMap(EngagementForm.init(rawValue:)),
            survey: row.read("survey", as: String?.self).flatMap(SurveyKind.init(rawValue:)),
            isPaused: row.read("is_paused"), details: try JSONValue(stored: row.read("details", as: String.self)),
            parts: parts?.array ?? [],
            createdAt: row.read("created_at"), updatedAt: row.read("updated_at"))
    }
}

extension JSONValue {
    /// An object with the members of another in place of its own of the same name; null ones go.
    fileprivate func merged(with changes: JSONValue?) -> JSONValue {
        guard let changes = changes?.object else { return self }
        var members = object ?? JSONObject()
        for change in changes.members {
            members[change.key] = change.value.isNull ? Optional.none : change.value
        }
        return .object(members)
    }
}
