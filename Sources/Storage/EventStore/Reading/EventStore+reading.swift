import DuckDB
public import Text
public import Time

extension EventStore {
    /// The greatest id that any event ever had, nil before the first.
    func lastIdentifier(on connection: Connection) throws -> EventIdentifier? {
        try EventLogMarks.reach(on: connection)
    }

    /// A connection for a caller with a thread of its own.
    func connect() throws -> Connection {
        try engine.current().database.connect()
    }

    /// Where the log ends: what is stored by now lies before it, and what comes later behind it. Nil before the first event.
    public func end() async throws -> LogPosition? {
        try await readers.run { try self.lastIdentifier(on: $0).map(LogPosition.init(after:)) }
    }

    /// Walks over the client event ids committed since `start`, whatever their order.
    func forEachClientEventID(
        since start: Timestamp, on connection: Connection,
        _ body: (_ environmentID: Int64, _ clientEventID: UnsafeBufferPointer<UInt8>, _ committedAt: Timestamp) -> Void
    ) throws {
        let rows = try connection.query(
            """
            SELECT environment_id, client_event_id, event_id FROM \(EventTable.name)
            WHERE event_id >= $1 AND client_event_id IS NOT NULL
            """, [.uuid(EventIdentifier(earliestAt: start).value)])
        while let chunk = try rows.next() {
            for row in 0..<chunk.count {
                guard let environmentID = try chunk.int64(0, row), let value = try chunk.uuid(2, row) else { continue }
                let committedAt = Timestamp(microseconds: EventIdentifier(value: value).milliseconds * 1_000)
                try chunk.withUTF8(1, row) { body(environmentID, $0, committedAt) }
            }
        }
    }

    /// How many events each user of an environment has, for segment rules.
    /// - Parameters:
    ///   - name: only events of this name, nil for any.
    ///   - type: only events of this type, nil for any.
    ///   - since: only events from this time on, nil for all.
    public func eventCounts(
        environmentID: Int64, name: String?, type: String?, since: Timestamp?
    ) async throws -> [ClientText: Int] {
        try await readers.run { connection in
            let rows = try connection.query(
                """
                SELECT user_id, count(*) FROM \(EventTable.name)
                WHERE environment_id = $1 AND user_id IS NOT NULL AND ($2 IS NULL OR event_name = $2)
                AND ($3 IS NULL OR event_type = $3) AND ($4 IS NULL OR occurred_at >= $4) GROUP BY user_id
                """,
                [
                    .int64(environmentID), name.map { .string($0) } ?? .null, type.map { .string($0) } ?? .null,
                    since.map { .timestamp($0.microseconds) } ?? .null,
                ])
            var counts: [ClientText: Int] = [:]
            while let chunk = try rows.next() {
                for row in 0..<chunk.count {
                    if let user = try chunk.string(0, row) {
                        counts[ClientText(user)] = Int(try chunk.int64(1, row) ?? 0)
                    }
                }
            }
            return counts
        }
    }

    /// How many events an environment has.
    public func count(environmentID: Int64) async throws -> Int {
        try await readers.run { connection in
            let rows = try connection.query(
                "SELECT count(*) FROM \(EventTable.name) WHERE environment_id = $1", [.int64(environmentID)])
            return Int(try rows.next()?.int64(0, 0) ?? 0)
        }
    }
}
