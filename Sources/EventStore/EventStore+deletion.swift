import DuckDB

/// Whose events are to go.
public enum DeletionSubject: String, Sendable {
    case users
    case companies

    var column: String {
        switch self {
        case .users: "user_id"
        case .companies: "company_id"
        }
    }
}

extension EventStore {
    /// Removes the events of users or companies: no query finds them afterwards, and ``erase()`` takes what they held
    /// off the disk.
    /// - Parameters:
    ///   - ids: user or company ids.
    ///   - last: only events up to this one, so that whoever comes back after the deletion was asked for stays.
    /// - Returns: how many events were removed.
    public func deleteEvents(
        of subject: DeletionSubject, ids: [String], environmentID: Int64, upTo last: EventIdentifier
    ) async throws -> Int {
        try await readers.run { connection in
            try connection.execute("CREATE OR REPLACE TEMP TABLE deleted_ids (id VARCHAR)")
            defer { try? connection.execute("DROP TABLE IF EXISTS temp.deleted_ids") }
            for id in ids { try connection.execute("INSERT INTO temp.deleted_ids VALUES ($1)", [.string(id)]) }
            return try Self.delete(
                where: """
                    environment_id = $1 AND event_id <= $2
                    AND \(subject.column) IN (SELECT id FROM temp.deleted_ids)
                    """, [.int64(environmentID), .uuid(last.value)], connection)
        }
    }

    /// Removes all events of an environment, in the same way.
    /// - Returns: how many events were removed.
    public func deleteEvents(environmentID: Int64) async throws -> Int {
        try await readers.run { connection in
            try Self.delete(where: "environment_id = $1", [.int64(environmentID)], connection)
        }
    }

    private static func delete(where condition: String, _ values: [Value], _ connection: Connection) throws -> Int {
        try connection.transaction {
            // The engine only marks deleted rows and keeps their columns; emptied first, they are written anew.
            let emptied = EventTable.columns.map { "\($0.name) = NULL" }.joined(separator: ", ")
            try connection.execute("UPDATE \(EventTable.name) SET \(emptied) WHERE \(condition)", values)
            // No stored event is without an id.
            return try connection.execute("DELETE FROM \(EventTable.name) WHERE event_id IS NULL", [])
        }
    }
}
