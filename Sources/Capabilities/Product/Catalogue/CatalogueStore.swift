public import ControlStore
import EventStore
import Time

/// What has been learned from the events of an environment.
public struct CatalogueStore: Sendable {
    private let store: ControlStore

    public init(store: ControlStore) {
        self.store = store
    }

    /// Properties of users or companies in the order they were first seen; archived ones included.
    public func properties(of subject: ProfileSubject, environmentID: Int64) async throws -> [ProfileProperty] {
        try await store.read { database in
            try database.rows(
                sql: "SELECT * FROM properties WHERE environment_id = ? AND subject = ? ORDER BY id",
                arguments: [environmentID, subject.rawValue]
            ).map { try ProfileProperty(row: $0, subject: subject) }
        }
    }

    /// Features and events in the order they were first seen; archived ones included.
    public func featuresAndEvents(environmentID: Int64) async throws -> [LearnedEvent] {
        try await store.read { database in
            try database.rows(
                sql: "SELECT * FROM event_definitions WHERE environment_id = ? ORDER BY id",
                arguments: [environmentID]
            ).readable("event", LearnedEvent.init(row:))
        }
    }

    /// One page of event properties: the built-in ones, then those learned, in the order they were first seen.
    /// - Parameters:
    ///   - after: the last id of the page before; nil for the first page.
    /// - Returns: the page, and how many properties there are in all.
    public func eventProperties(
        environmentID: Int64, after: Int64? = nil, limit: Int = 50
    ) async throws -> (properties: [EventProperty], totalCount: Int) {
        try await store.read { database in
            var page: [EventProperty] = []
            if (after ?? -1) < 0 {
                page = try Self.builtIn(environmentID, from: database)
                    .filter { property in after.map { property.id < $0 } ?? true }
            }
            page = Array(page.prefix(max(limit, 0)))
            page += try database.rows(
                sql: """
                    SELECT p.*, d.display_name AS event_display_name
                    FROM properties p JOIN event_definitions d ON d.id = p.event_definition_id
                    WHERE p.environment_id = ? AND p.subject = 'event' AND p.id > ? ORDER BY p.id LIMIT ?
                    """,
                arguments: [environmentID, max(after ?? 0, 0), max(limit - page.count, 0)]
            ).map(EventProperty.init(row:))
            let learned = try database.value(
                Int.self, sql: "SELECT count(*) FROM properties WHERE environment_id = ? AND subject = 'event'",
                arguments: [environmentID])
            return (page, (learned ?? 0) + BuiltInEventProperty.all.count)
        }
    }

    /// Built-in properties were first and last seen when any event was; before that, when the environment was made.
    private static func builtIn(_ environmentID: Int64, from database: Database) throws -> [EventProperty] {
        let seen = try database.row(
            sql: """
                SELECT ifnull(min(first_seen_at), (SELECT created_at FROM environments WHERE id = :id)),
                    ifnull(max(last_seen_at), (SELECT created_at FROM environments WHERE id = :id))
                FROM event_definitions WHERE environment_id = :id
                """,
            arguments: ["id": environmentID])
        let firstSeenAt = try seen?.read(at: 0, as: Timestamp?.self) ?? Timestamp(microseconds: 0)
        let lastSeenAt = try seen?.read(at: 1, as: Timestamp?.self) ?? firstSeenAt
        return BuiltInEventProperty.all.map { definition in
            EventProperty(
                id: definition.id, key: definition.key, displayName: definition.displayName,
                description: definition.description, dataType: definition.dataType, isArchived: false, event: nil,
                firstSeenAt: firstSeenAt, lastSeenAt: lastSeenAt)
        }
    }

    /// Changes what people see of a learned property, whoever's it is.
    /// - Returns: false when the environment has no learned property with this id.
    /// - Throws: ``CatalogueError``.
    @discardableResult
    public func updateProperty(_ id: Int64, _ changes: CatalogueChanges, environmentID: Int64) async throws -> Bool {
        try await update("properties", id, changes, environmentID)
    }

    /// Changes what people see of an event or feature.
    /// - Returns: false when the environment has none with this id.
    /// - Throws: ``CatalogueError``.
    @discardableResult
    public func updateEvent(_ id: Int64, _ changes: CatalogueChanges, environmentID: Int64) async throws -> Bool {
        try await update("event_definitions", id, changes, environmentID)
    }

    /// Forgets everything learned from an environment that is no more, piece by piece.
    public func deleteAll(environmentID: Int64) async throws {
        try await store.removeInPieces(
            sql: "DELETE FROM properties WHERE id IN (SELECT id FROM properties WHERE environment_id = ? LIMIT ?)",
            arguments: [environmentID])
        try await store.removeInPieces(
            sql: """
                DELETE FROM event_definitions WHERE id IN (
                    SELECT id FROM event_definitions WHERE environment_id = ? LIMIT ?)
                """,
            arguments: [environmentID])
    }

    private func update(
        _ table: String, _ id: Int64, _ changes: CatalogueChanges, _ environmentID: Int64
    ) async throws -> Bool {
        if let displayName = changes.displayName, !(1...255).contains(displayName.count) {
            throw CatalogueError.invalidDisplayName
        }
        if let description = changes.description ?? nil, description.count > 2_000 {
            throw CatalogueError.invalidDescription
        }
        return try await store.write { database in
            let count = try database.execute(
                sql: """
                    UPDATE \(table) SET
                        display_name = ifnull(?, display_name),
                        description = iif(?, ?, description),
                        is_archived = ifnull(?, is_archived)
                    WHERE id = ? AND environment_id = ?
                    """,
                arguments: [
                    changes.displayName, changes.description != nil, changes.description ?? nil, changes.isArchived, id,
                    environmentID,
                ])
            return count > 0
        }
    }
}

extension ProfileProperty {
    init(row: Row, subject: ProfileSubject) throws {
        try self.init(
            id: row.read("id"), subject: subject, key: row.read("key"), displayName: row.read("display_name"),
            description: row.read("description"), dataType: PropertyType(name: row.read("data_type")),
            isArchived: row.read("is_archived"), firstSeenAt: row.read("first_seen_at"),
            lastSeenAt: row.read("last_seen_at"))
    }
}

extension LearnedEvent {
    /// Nil for a type that this version does not know.
    init?(row: Row) throws {
        guard let type = try EventType(name: row.read("type")) else { return nil }
        try self.init(
            id: row.read("id"), type: type, name: row.read("name"), displayName: row.read("display_name"),
            description: row.read("description"), isArchived: row.read("is_archived"),
            firstSeenAt: row.read("first_seen_at"), lastSeenAt: row.read("last_seen_at"))
    }
}

extension EventProperty {
    init(row: Row) throws {
        try self.init(
            id: row.read("id"), key: row.read("key"),
            displayName: row.read("display_name"), description: row.read("description"),
            dataType: PropertyType(name: row.read("data_type")), isArchived: row.read("is_archived"),
            event: EventReference(
                id: row.read("event_definition_id"), displayName: row.read("event_display_name")),
            firstSeenAt: row.read("first_seen_at"), lastSeenAt: row.read("last_seen_at"))
    }
}
