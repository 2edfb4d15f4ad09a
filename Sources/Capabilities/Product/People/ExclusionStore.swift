public import ControlStore
public import Text
public import Time

/// What an exclusion names.
public enum ExclusionKind: String, Sendable, CaseIterable {
    case user
    case company
}

/// A user or company that an export leaves out when it is asked to (`ExportRequest.exclusions`).
public struct Exclusion: Sendable, Equatable {
    public let kind: ExclusionKind
    /// The user or company id; need not be known yet.
    public let id: String
    public let createdAt: Timestamp
}

/// Who is excluded, one environment at a time.
public struct ExclusionStore: Sendable {
    private let store: ControlStore
    private let clock: WallClock

    public init(store: ControlStore, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Excludes users or companies, all in one transaction.
    /// - Returns: how many of them were not excluded before.
    @discardableResult
    public func add(_ kind: ExclusionKind, ids: Set<ClientText>, environmentID: Int64) async throws -> Int {
        let now = clock.now
        return try await changes(to: ids, environmentID) { database, id in
            try database.execute(
                sql: """
                    INSERT INTO exclusions (environment_id, kind, subject_id, created_at) VALUES (?, ?, ?, ?)
                    ON CONFLICT DO NOTHING
                    """,
                arguments: [environmentID, kind.rawValue, id, now])
        }
    }

    /// Lets exports hold users or companies again, all in one transaction.
    /// - Returns: how many of them were excluded.
    @discardableResult
    public func remove(_ kind: ExclusionKind, ids: Set<ClientText>, environmentID: Int64) async throws -> Int {
        try await changes(to: ids, environmentID) { database, id in
            try database.execute(
                sql: "DELETE FROM exclusions WHERE environment_id = ? AND kind = ? AND subject_id = ?",
                arguments: [environmentID, kind.rawValue, id])
        }
    }

    /// - Returns: for how many ids the change changed a row.
    private func changes(
        to ids: Set<ClientText>, _ environmentID: Int64,
        _ change: @escaping @Sendable (Database, String) throws -> Int
    ) async throws -> Int {
        try await store.write { database in
            // Those of an environment that is gone are nobody's.
            guard try database.hasEnvironment(environmentID) else { return 0 }
            var count = 0
            for id in ids {
                count += try change(database, id.string)
            }
            return count
        }
    }

    /// All exclusions, by kind and id.
    public func list(environmentID: Int64) async throws -> [Exclusion] {
        try await store.read { database in
            try database.rows(
                sql: "SELECT * FROM exclusions WHERE environment_id = ? ORDER BY kind DESC, subject_id",
                arguments: [environmentID]
            ).compactMap { row in
                try ExclusionKind(rawValue: row.read("kind")).map {
                    try Exclusion(
                        kind: $0, id: row.read("subject_id"), createdAt: row.read("created_at"))
                }
            }
        }
    }
}
