public import ControlStore
public import EventStore
import JSON
import Text
public import Time

/// The tracked features of environments. Those that the server looks for are held in memory, since every event asks.
public struct FeatureStore: Sendable {
    let store: ControlStore
    let matcher: FeatureMatcher
    private let clock: WallClock
    private let logEnd: @Sendable () async throws -> LogPosition?

    /// Features of an environment; tags that clients send beyond these are not made features.
    static let maximumCount = 10_000
    private static let maximumElements = 50

    /// - Parameter logEnd: where the log of events ends.
    public init(
        store: ControlStore, matcher: FeatureMatcher, clock: WallClock,
        logEnd: @escaping @Sendable () async throws -> LogPosition? = { nil }
    ) {
        self.logEnd = logEnd
        self.store = store
        self.matcher = matcher
        self.clock = clock
    }

    /// - Throws: ``FeatureError``.
    public func create(_ feature: NewFeature, environmentID: Int64) async throws -> TrackedFeature {
        try Self.check(name: feature.name)
        try Self.check(feature.elements)
        let tag = feature.tag ?? "ft-" + String(UInt64.random(in: 0 ... .max), radix: 36)
        guard (1...255).contains(tag.unicodeScalars.count) else { throw FeatureError.invalidTag }
        let now = clock.now
        let position = try await logEnd()?.stored
        return try await store.write { database in
            let count = try database.value(
                Int.self, sql: "SELECT count(*) FROM tracked_features WHERE environment_id = ?",
                arguments: [environmentID])
            guard (count ?? 0) < Self.maximumCount else { throw FeatureError.tooMany(limit: Self.maximumCount) }
            guard try Self.fetch(tag, environmentID, from: database) == nil else { throw FeatureError.tagTaken(tag) }
            try self.checkRoom(for: feature.elements, insteadOf: [], environmentID)
            let parentID = try feature.parentTag.map { try Self.parentID($0, environmentID, in: database) }
            try database.execute(
                sql: """
                    INSERT INTO tracked_features (
                        environment_id, tag, name, kind, parent_id, labels, elements, counts_since, counts_from,
                        created_at, updated_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    environmentID, tag, feature.name, feature.kind.rawValue, parentID, feature.labels.encodedString,
                    Self.encoded(feature.elements), feature.elements.isEmpty ? nil : now, position, now, now,
                ])
            try self.matcher.reload(environmentID, from: database)
            return try Self.known(tag, environmentID, from: database)
        }
    }

    /// Changes a feature; nil when the environment has none with this tag.
    /// - Throws: ``FeatureError``.
    public func update(
        _ tag: String, _ changes: FeatureChanges, environmentID: Int64
    ) async throws -> TrackedFeature? {
        if let name = changes.name { try Self.check(name: name) }
        if let elements = changes.elements { try Self.check(elements) }
        let now = clock.now
        let position = try await logEnd()?.stored
        return try await store.write { database in
            guard let old = try Self.fetch(tag, environmentID, from: database) else { return nil }
            var parentID = try old.parentTag.map { try Self.parentID($0, environmentID, in: database) }
            if let parentTag = changes.parentTag {
                parentID = try parentTag.map { try Self.parentID($0, environmentID, in: database) }
                if let parentID, try Self.isInside(parentID, old.id, in: database) { throw FeatureError.circle }
            }
            let elements = changes.elements ?? old.elements
            if changes.elements != nil || changes.isActive == true {
                try self.checkRoom(for: elements, insteadOf: old.isActive ? old.elements : [], environmentID)
            }
            let isActive = changes.isActive ?? old.isActive
            // What is looked for in another way is looked for from now on.
            let isOther = elements != old.elements || (isActive && !old.isActive)
            let since = elements.isEmpty ? nil : (isOther ? now : old.countsSince)
            try database.execute(
                sql: """
                    UPDATE tracked_features SET name = ?, parent_id = ?, is_active = ?, labels = ?, elements = ?,
                        counts_since = ?, counts_from = ?, updated_at = ?
                    WHERE id = ?
                    """,
                arguments: [
                    changes.name ?? old.name, parentID, isActive, (changes.labels ?? old.labels).encodedString,
                    Self.encoded(elements), since, isOther ? position : old.countsFrom?.stored, now, old.id,
                ])
            try self.matcher.reload(environmentID, from: database)
            return try Self.known(tag, environmentID, from: database)
        }
    }

    /// Nil when the environment has no feature with this tag.
    public func feature(_ tag: String, environmentID: Int64) async throws -> TrackedFeature? {
        try await store.read { try Self.fetch(tag, environmentID, from: $0) }
    }

    /// Features in the order of their making, and how many there are in all.
    /// - Parameters:
    ///   - id: behind which the page begins.
    ///   - offset: of a page by its number.
    public func page(
        environmentID: Int64, after id: Int64 = 0, offset: Int? = nil, limit: Int
    ) async throws -> (features: [TrackedFeature], totalCount: Int) {
        try await store.read { database in
            func rows(behind id: Int64, limit: Int) throws -> [Row] {
                try database.rows(
                    sql: "\(Self.selection) AND f.id > ? ORDER BY f.id LIMIT ? OFFSET ?",
                    arguments: [environmentID, id, limit, offset ?? 0])
            }
            let features =
                if offset != nil {
                    try rows(behind: id, limit: limit).readable("feature", TrackedFeature.init(row:))
                } else {
                    try Row.page(of: "feature", behind: id, limit: limit, as: TrackedFeature.init(row:), rows: rows)
                }
            let count = try database.value(
                Int.self, sql: "SELECT count(*) FROM tracked_features WHERE environment_id = ?",
                arguments: [environmentID])
            return (features, count ?? 0)
        }
    }

    private func checkRoom(
        for elements: [FeatureElement], insteadOf old: [FeatureElement], _ environmentID: Int64
    ) throws(FeatureError) {
        let others = matcher.elementCount(in: environmentID) - old.count(where: \.isEnabled)
        guard others + elements.count(where: \.isEnabled) <= FeatureMatcher.maximumElements else {
            throw .tooManyElementsInAll(limit: FeatureMatcher.maximumElements)
        }
    }

    private static func check(name: String) throws(FeatureError) {
        guard (1...255).contains(name.unicodeScalars.count) else { throw .invalidName }
    }

    private static func check(_ elements: [FeatureElement]) throws(FeatureError) {
        guard elements.count <= maximumElements else { throw .tooManyElements(limit: maximumElements) }
        if let index = elements.firstIndex(where: { !$0.saysSomething }) { throw .emptyElement(index: index) }
    }

    private static func encoded(_ elements: [FeatureElement]) -> String {
        JSONValue.array(elements.map(\.json)).encodedString
    }

    private static func parentID(_ tag: String, _ environmentID: Int64, in database: Database) throws -> Int64 {
        guard let parent = try fetch(tag, environmentID, from: database) else { throw FeatureError.unknownParent(tag) }
        return parent.id
    }

    /// Whether one is another, or somewhere inside it.
    private static func isInside(_ id: Int64, _ other: Int64, in database: Database) throws -> Bool {
        var current: Int64? = id
        for _ in 0..<maximumCount {
            guard let id = current else { return false }
            if id == other { return true }
            current =
                try database.value(
                    Int64?.self, sql: "SELECT parent_id FROM tracked_features WHERE id = ?", arguments: [id]) ?? nil
        }
        return true
    }

    private static let selection = """
        SELECT f.*, p.tag AS parent_tag, ifnull(g.event_count, 0) AS event_count, ifnull(g.user_count, 0) AS user_count
        FROM tracked_features f
        LEFT JOIN tracked_features p ON p.id = f.parent_id
        LEFT JOIN feature_figures g ON g.environment_id = f.environment_id AND g.tag = f.tag
        WHERE f.environment_id = ?
        """

    private static func fetch(_ tag: String, _ environmentID: Int64, from database: Database) throws -> TrackedFeature?
    {
        try database.row(sql: "\(selection) AND f.tag = ?", arguments: [environmentID, tag])
            .map(TrackedFeature.init(row:))
    }

    private static func known(_ tag: String, _ environmentID: Int64, from database: Database) throws -> TrackedFeature {
        guard let feature = try fetch(tag, environmentID, from: database) else {
            throw StoreError.refused(reason: "a feature that was just stored is not there")
        }
        return feature
    }
}

extension TrackedFeature {
    init(row: Row) throws {
        let elements = try JSONValue(stored: row.read("elements", as: String.self)).array ?? []
        try self.init(
            id: row.read("id"), tag: row.read("tag"), name: row.read("name"),
            kind: Kind(rawValue: row.read("kind")) ?? .feature, parentTag: row.read("parent_tag"),
            isActive: row.read("is_active"), labels: JSONValue(stored: row.read("labels", as: String.self)),
            elements: elements.map { FeatureElement($0) }, countsSince: row.read("counts_since"),
            countsFrom: row.read("counts_from", as: String?.self).flatMap { LogPosition(stored: $0) },
            eventCount: row.read("event_count"), userCount: row.read("user_count"), createdAt: row.read("created_at"),
            updatedAt: row.read("updated_at"))
    }
}
