import DuckDB
public import Time

/// What a row says of itself that tells whether it is stored already.
public struct EventMark: Sendable {
    /// Ids under which the event may be known: the server's own, or one that a client gave it.
    public let ids: [String]
    /// When it happened.
    public let occurredAt: Timestamp

    public init(ids: [String], occurredAt: Timestamp) {
        self.ids = ids
        self.occurredAt = occurredAt
    }
}

extension EventStore {
    /// Which of some events an environment has, whenever they were stored: those of which one id is the server's own id of
    /// a stored event, or the client's id of one that happened at the same time.
    ///
    /// Made for a few hundred events at once that lie close together in time, as rows of an exported file do: the engine
    /// then looks into few parts of the table.
    /// - Returns: the positions of those that are stored.
    public func recognize(_ marks: [EventMark], environmentID: Int64) async throws -> Set<Int> {
        guard !marks.isEmpty else { return [] }
        return try await readers.run { connection in
            let own = try Self.ownIdentifiers(of: marks, environmentID, connection)
            let foreign = try Self.clientIdentifiers(of: marks, environmentID, connection)
            return Set(
                marks.indices.filter { position in
                    let mark = marks[position]
                    return mark.ids.contains { id in
                        EventIdentifier(id).map(own.contains) == true
                            || foreign.contains(KnownID(id: Array(id.utf8), occurredAt: mark.occurredAt))
                    }
                })
        }
    }

    private struct KnownID: Hashable {
        let id: [UInt8]
        let occurredAt: Timestamp
    }

    private static func ownIdentifiers(
        of marks: [EventMark], _ environmentID: Int64, _ connection: Connection
    ) throws -> Set<EventIdentifier> {
        let ids = Set(marks.flatMap(\.ids).compactMap { EventIdentifier($0) })
        guard let first = ids.min(), let last = ids.max() else { return [] }
        let rows = try connection.query(
            """
            SELECT event_id FROM \(EventTable.name) WHERE environment_id = $1 AND event_id BETWEEN $2 AND $3
            AND event_id IN (SELECT unnest($4)::UUID)
            """,
            [.int64(environmentID), .uuid(first.value), .uuid(last.value), .strings(ids.map(\.description))])
        var known: Set<EventIdentifier> = []
        while let chunk = try rows.next() {
            for row in 0..<chunk.count {
                if let id = try chunk.uuid(0, row) { known.insert(EventIdentifier(value: id)) }
            }
        }
        return known
    }

    private static func clientIdentifiers(
        of marks: [EventMark], _ environmentID: Int64, _ connection: Connection
    ) throws -> Set<KnownID> {
        let times = marks.map(\.occurredAt)
        guard let first = times.min(), let last = times.max() else { return [] }
        let rows = try connection.query(
            """
            SELECT client_event_id, occurred_at FROM \(EventTable.name)
            WHERE environment_id = $1 AND occurred_at BETWEEN $2 AND $3 AND client_event_id IN (SELECT unnest($4))
            """,
            [
                .int64(environmentID), .timestamp(first.microseconds), .timestamp(last.microseconds),
                .strings(marks.flatMap(\.ids)),
            ])
        var known: Set<KnownID> = []
        while let chunk = try rows.next() {
            for row in 0..<chunk.count {
                let id = try chunk.withUTF8(0, row) { Array($0) }
                guard let id, let time = try chunk.timestamp(1, row) else { continue }
                known.insert(KnownID(id: id, occurredAt: Timestamp(microseconds: time)))
            }
        }
        return known
    }
}
