import ControlStore
import EventStore
import JSON
import Text

/// Writes what groups of events teach, inside the projection's transaction.
struct CatalogueLearner {
    /// How many properties are learned per environment and subject, and how many events per environment: names come
    /// from outside and must not grow the catalogue without bound.
    static let limit = 10_000
    /// Longer names, in bytes, are not learned: 255 characters of up to four bytes.
    static let longestName = 1_020
    /// A last-seen time is written again only when it moves by more, in microseconds: under load, thousands of commits
    /// a second would otherwise all rewrite the same rows.
    static let lastSeenGranularity: Int64 = 1_000_000

    let database: Database
    var cache: CatalogueCache
    /// How many names were not learned because of the limits, by environment.
    private(set) var unlearned: [Int64: Int] = [:]

    init(_ database: Database, cache: CatalogueCache) {
        self.database = database
        self.cache = cache
    }

    mutating func learn(_ key: EventGroups.Key, _ group: EventGroups.Group) throws {
        var definitionID: Int64?
        let subject: String
        switch key.type {
        case .identifyUser: subject = "user"
        case .identifyCompany: subject = "company"
        default:
            subject = "event"
            guard let id = try definition(key, group) else { return }
            definitionID = id
        }
        for id in try properties(key, group, subject: subject, definitionID) {
            try touchProperty(id, group)
        }
    }

    /// The id of an event's definition; nil when there are too many.
    private mutating func definition(_ key: EventGroups.Key, _ group: EventGroups.Group) throws -> Int64? {
        let cacheKey = CatalogueCache.DefinitionKey(environmentID: key.environmentID, type: key.type, name: key.name)
        if let known = cache.definitions[cacheKey] {
            guard let id = known else {
                unlearned[key.environmentID, default: 0] += 1
                return nil
            }
            try touchDefinition(id, group)
            return id
        }
        let row = try database.prepare(
            """
            SELECT id, first_seen_at, last_seen_at FROM event_definitions
            WHERE environment_id = ? AND type = ? AND name = ?
            """
        ).row(arguments: [key.environmentID, key.type.name, key.name.string])
        if let row {
            let id: Int64 = try row.read(at: 0)
            cache.definitions[cacheKey] = .some(id)
            try cache.definitionsSeen[id] = CatalogueCache.Seen(
                firstAt: row.read(at: 1), lastAt: row.read(at: 2))
            try touchDefinition(id, group)
            return id
        }
        guard key.name.string.utf8.count <= Self.longestName,
            try takeRoom(
                for: "definitions/\(key.environmentID)",
                counting: "SELECT count(*) FROM event_definitions WHERE environment_id = ?", [key.environmentID])
        else {
            unlearned[key.environmentID, default: 0] += 1
            cache.definitions[cacheKey] = .some(nil)
            return nil
        }
        let id = try database.insert(
            prepared:
                """
                INSERT INTO event_definitions (environment_id, type, name, display_name, first_seen_at, last_seen_at)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                key.environmentID, key.type.name, key.name.string,
                DisplayName.make(from: key.name.string.isEmpty ? key.type.name : key.name.string), group.firstSeenAt,
                group.lastSeenAt,
            ])
        cache.definitions[cacheKey] = .some(id)
        cache.definitionsSeen[id] = CatalogueCache.Seen(firstAt: group.firstSeenAt, lastAt: group.lastSeenAt)
        return id
    }

    /// The ids of the properties that the group's events have.
    private mutating func properties(
        _ key: EventGroups.Key, _ group: EventGroups.Group, subject: String, _ definitionID: Int64?
    ) throws -> [Int64] {
        if let known = cache.shapes[key] { return known }
        var ids: [Int64] = []
        if let properties = EventGroups.properties(of: group.sample) {
            for member in properties.root.members {
                let type = PropertyType(of: member.value)
                // A null removes a property or says nothing about it.
                if type == .null { continue }
                let propertyKey = CatalogueCache.PropertyKey(
                    environmentID: key.environmentID, subject: subject, definitionID: definitionID,
                    key: ClientText(member.key))
                if let id = try property(propertyKey, type, group) { ids.append(id) }
            }
        }
        cache.shapes[key] = ids
        return ids
    }

    /// The id of a property, whose type is widened when need be; nil when there are too many.
    private mutating func property(
        _ key: CatalogueCache.PropertyKey, _ type: PropertyType, _ group: EventGroups.Group
    ) throws -> Int64? {
        if var known = try cache.properties[key] ?? fetchProperty(key) {
            let widened = known.type.widened(by: type)
            if widened != known.type {
                try database.prepare("UPDATE properties SET data_type = ? WHERE id = ?")
                    .execute(arguments: [widened.name, known.id])
                known.type = widened
            }
            cache.properties[key] = known
            return known.id
        }
        guard key.key.string.utf8.count <= Self.longestName,
            try takeRoom(
                for: "\(key.subject)/\(key.environmentID)",
                counting: "SELECT count(*) FROM properties WHERE environment_id = ? AND subject = ?",
                [key.environmentID, key.subject])
        else {
            unlearned[key.environmentID, default: 0] += 1
            return nil
        }
        let id = try database.insert(
            prepared:
                """
                INSERT INTO properties (
                    environment_id, subject, event_definition_id, key, data_type, display_name, first_seen_at,
                    last_seen_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                key.environmentID, key.subject, key.definitionID, key.key.string, type.name,
                DisplayName.make(from: key.key.string),
                group.firstSeenAt, group.lastSeenAt,
            ])
        cache.properties[key] = CatalogueCache.Property(id: id, type: type)
        cache.propertiesSeen[id] = CatalogueCache.Seen(firstAt: group.firstSeenAt, lastAt: group.lastSeenAt)
        return id
    }

    private mutating func fetchProperty(_ key: CatalogueCache.PropertyKey) throws -> CatalogueCache.Property? {
        let row = try database.prepare(
            """
            SELECT id, data_type, first_seen_at, last_seen_at FROM properties
            WHERE environment_id = ? AND subject = ? AND ifnull(event_definition_id, 0) = ? AND key = ?
            """
        ).row(arguments: [key.environmentID, key.subject, key.definitionID ?? 0, key.key.string])
        guard let row else { return nil }
        let id: Int64 = try row.read(at: 0)
        try cache.propertiesSeen[id] = CatalogueCache.Seen(
            firstAt: row.read(at: 2), lastAt: row.read(at: 3))
        return try CatalogueCache.Property(id: id, type: PropertyType(name: row.read(at: 1)))
    }

    /// Whether one more may be learned; if so, counts it.
    private mutating func takeRoom(for counter: String, counting sql: String, _ arguments: Arguments) throws
        -> Bool
    {
        let count = try cache.counts[counter] ?? database.value(Int.self, sql: sql, arguments: arguments) ?? 0
        cache.counts[counter] = min(count + 1, Self.limit)
        return count < Self.limit
    }

    private mutating func touchDefinition(_ id: Int64, _ group: EventGroups.Group) throws {
        guard let seen = moved(cache.definitionsSeen[id], by: group) else { return }
        cache.definitionsSeen[id] = seen
        try database.prepare(
            "UPDATE event_definitions SET first_seen_at = ?, last_seen_at = ? WHERE id = ?"
        ).execute(arguments: [seen.firstAt, seen.lastAt, id])
    }

    private mutating func touchProperty(_ id: Int64, _ group: EventGroups.Group) throws {
        guard let seen = moved(cache.propertiesSeen[id], by: group) else { return }
        cache.propertiesSeen[id] = seen
        try database.prepare("UPDATE properties SET first_seen_at = ?, last_seen_at = ? WHERE id = ?")
            .execute(arguments: [seen.firstAt, seen.lastAt, id])
    }

    /// The new times, when they differ enough from the stored ones to be written.
    private func moved(_ stored: CatalogueCache.Seen?, by group: EventGroups.Group) -> CatalogueCache.Seen? {
        guard let stored else { return nil }
        let isEarlier = group.firstSeenAt < stored.firstAt
        let isLater = group.lastSeenAt >= stored.lastAt + Self.lastSeenGranularity
        guard isEarlier || isLater else { return nil }
        return CatalogueCache.Seen(
            firstAt: min(stored.firstAt, group.firstSeenAt), lastAt: max(stored.lastAt, group.lastSeenAt))
    }
}
