/// What the control store knows of the files beside it, so that a missing file, or one of another folder, is noticed.
public enum FolderMark: String, Sendable {
    /// The event log's identity.
    case eventLog = "event_log"
    /// Tells the master key from others, and nothing else of it.
    case masterKey = "master_key"
}

extension ControlStore {
    /// The mark as it was last set; nil when it never was.
    public func mark(_ mark: FolderMark) async throws -> String? {
        try await read { database in
            try database.value(
                String.self, sql: "SELECT value FROM folder_marks WHERE name = ?", arguments: [mark.rawValue])
        }
    }

    /// Notes how a file beside the store will be recognised.
    public func set(_ mark: FolderMark, to value: String) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO folder_marks (name, value) VALUES (?, ?)
                    ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value <> excluded.value
                    """, arguments: [mark.rawValue, value])
        }
    }

    /// How far the projections have come, as the event log gives positions to be kept.
    public func projectionPositions() async throws -> [String] {
        try await read { try ProjectionPosition.all(in: $0) }
    }
}
