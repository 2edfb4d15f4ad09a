public import ControlStore
import JSON
public import Time

/// The segments of an environment.
public struct SegmentStore: Sendable {
    private let store: ControlStore
    private let clock: WallClock

    public init(store: ControlStore, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// - Throws: ``SegmentError``.
    public func create(_ segment: NewSegment, environmentID: Int64) async throws -> Segment {
        try Self.check(title: segment.title, description: segment.description, rule: segment.rule)
        let now = clock.now
        return try await store.write { database in
            let id = try database.insert(
                sql: """
                    INSERT INTO segments (
                        environment_id, title, description, status, is_hidden, is_protected, rule, created_at,
                        updated_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    environmentID, segment.title, segment.description, segment.status.rawValue, segment.isHidden,
                    segment.isProtected, segment.rule.encodedString, now, now,
                ])
            return Segment(
                id: id, title: segment.title, description: segment.description,
                status: segment.status, isHidden: segment.isHidden, isProtected: segment.isProtected,
                rule: segment.rule, createdAt: now, updatedAt: now)
        }
    }

    /// Changes a segment; nil when the environment has none with this id.
    /// - Throws: ``SegmentError``; of a protected segment only the protection itself can be changed.
    public func update(_ id: Int64, _ changes: SegmentChanges, environmentID: Int64) async throws -> Segment? {
        let now = clock.now
        return try await store.write { database in
            guard let old = try Self.fetch(id, environmentID, from: database) else { return nil }
            if old.isProtected, changes.isProtected != false { throw SegmentError.protected(id: id) }
            let new = Segment(
                id: id, title: changes.title ?? old.title, description: changes.description ?? old.description,
                status: changes.status ?? old.status, isHidden: changes.isHidden ?? old.isHidden,
                isProtected: changes.isProtected ?? old.isProtected, rule: changes.rule ?? old.rule,
                createdAt: old.createdAt, updatedAt: now)
            try Self.check(title: new.title, description: new.description, rule: changes.rule)
            try database.execute(
                sql: """
                    UPDATE segments SET title = ?, description = ?, status = ?, is_hidden = ?, is_protected = ?,
                        rule = ?, updated_at = ?
                    WHERE id = ? AND environment_id = ?
                    """,
                arguments: [
                    new.title, new.description, new.status.rawValue, new.isHidden, new.isProtected,
                    new.rule.encodedString, now, id, environmentID,
                ])
            return new
        }
    }

    /// Nil when the environment has no segment with this id.
    public func segment(_ id: Int64, environmentID: Int64) async throws -> Segment? {
        try await store.read { try Self.fetch(id, environmentID, from: $0) }
    }

    /// Segments in the order of their ids, and how many there are in all.
    /// - Parameter after: the last id of the page before.
    public func list(
        environmentID: Int64, after id: Int64 = 0, limit: Int = 50
    ) async throws -> (segments: [Segment], totalCount: Int) {
        try await store.read { database in
            let segments = try Row.page(of: "segment", behind: id, limit: limit, as: Segment.init(row:)) { id, limit in
                try database.rows(
                    sql: "SELECT * FROM segments WHERE environment_id = ? AND id > ? ORDER BY id LIMIT ?",
                    arguments: [environmentID, id, limit])
            }
            let count = try database.value(
                Int.self, sql: "SELECT count(*) FROM segments WHERE environment_id = ?", arguments: [environmentID])
            return (segments, count ?? 0)
        }
    }

    /// The same by their place in that order.
    public func page(
        environmentID: Int64, offset: Int, limit: Int
    ) async throws -> (segments: [Segment], totalCount: Int) {
        try await store.read { database in
            let segments = try database.rows(
                sql: "SELECT * FROM segments WHERE environment_id = ? ORDER BY id LIMIT ? OFFSET ?",
                arguments: [environmentID, limit, offset]
            ).readable("segment", Segment.init(row:))
            let count = try database.value(
                Int.self, sql: "SELECT count(*) FROM segments WHERE environment_id = ?", arguments: [environmentID])
            return (segments, count ?? 0)
        }
    }

    /// - Returns: false when the environment has no segment with this id.
    /// - Throws: ``SegmentError/protected(id:)``.
    @discardableResult
    public func delete(_ id: Int64, environmentID: Int64) async throws -> Bool {
        try await store.write { database in
            guard let segment = try Self.fetch(id, environmentID, from: database) else { return false }
            if segment.isProtected { throw SegmentError.protected(id: id) }
            try database.execute(
                sql: "DELETE FROM segments WHERE id = ? AND environment_id = ?", arguments: [id, environmentID])
            return true
        }
    }

    private static func fetch(_ id: Int64, _ environmentID: Int64, from database: Database) throws -> Segment? {
        try database.row(
            sql: "SELECT * FROM segments WHERE id = ? AND environment_id = ?",
            arguments: [id, environmentID]
        ).map(Segment.init(row:))
    }

    /// Bytes of a rule as JSON. What was stored before there was a limit stays.
    static let maximumRuleBytes = 256 * 1_024

    /// - Parameter rule: nil when it is not changed.
    private static func check(title: String, description: String?, rule: JSONValue?) throws(SegmentError) {
        guard (1...255).contains(title.count) else { throw .invalidTitle }
        guard (description?.count ?? 0) <= 2_000 else { throw .invalidDescription }
        guard let rule else { return }
        let bytes = rule.encoded().count
        guard bytes <= maximumRuleBytes else {
            throw .invalidRule(
                SegmentRuleError(
                    path: "rule", message: "takes \(bytes) bytes as JSON; at most \(maximumRuleBytes) are allowed"))
        }
        do {
            _ = try SegmentRule(parsing: rule)
        } catch {
            throw .invalidRule(error)
        }
    }
}

extension Segment {
    init(row: Row) throws {
        try self.init(
            id: row.read("id"), title: row.read("title"), description: row.read("description"),
            status: SegmentStatus(rawValue: row.read("status")) ?? .draft, isHidden: row.read("is_hidden"),
            isProtected: row.read("is_protected"), rule: try JSONValue(stored: row.read("rule", as: String.self)),
            createdAt: row.read("created_at"), updatedAt: row.read("updated_at"))
    }
}
