public import ControlStore

/// The keys of all accounts: for who runs the server, never for its clients.
public struct KeyDirectory: Sendable {
    private let store: ControlStore

    public init(store: ControlStore) {
        self.store = store
    }

    /// A key, and where it works.
    public struct Entry: Sendable, Equatable {
        public let key: APIKey
        /// Name of its environment; nil for a key of a whole project or account.
        public let environment: String?
    }

    /// All keys, oldest first, revoked ones included.
    public func all() async throws -> [Entry] {
        try await store.read { database in
            try database.rows(
                sql: """
                    SELECT k.*, e.name AS environment FROM api_keys k LEFT JOIN environments e ON e.id = k.environment_id
                    ORDER BY k.id
                    """
            ).readable("API key", Self.entry)
        }
    }

    /// One key; nil when there is none with this id.
    public func find(_ id: Int64) async throws -> Entry? {
        try await store.read { database in
            try database.row(
                sql: """
                    SELECT k.*, e.name AS environment FROM api_keys k LEFT JOIN environments e ON e.id = k.environment_id
                    WHERE k.id = ?
                    """,
                arguments: [id]
            ).flatMap(Self.entry)
        }
    }

    private static func entry(_ row: Row) throws -> Entry? {
        try APIKey(row: row).map { try Entry(key: $0, environment: row.read("environment")) }
    }
}
