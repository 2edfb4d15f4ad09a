import DuckDB
import Time

/// What some users or companies did, up to a moment.
///
/// A class, as Swift 6.3 loses the caller's frame when a value with 128-bit members goes through an asynchronous method of
/// a protocol into a closure.
public final class SubjectEvents: Sendable {
    let batch: EventBatch
    /// Of the batch's events, in order.
    let identifiers: [EventIdentifier]
    /// Where the log ended when it was read: later ones are not in here.
    public let end: LogPosition

    package init(batch: EventBatch, identifiers: [EventIdentifier], end: LogPosition) {
        self.batch = batch
        self.identifiers = identifiers
        self.end = end
    }

    /// Those up to a position.
    public func events(upTo position: LogPosition) -> CommittedEvents {
        let indices = identifiers.indices.filter { position.includes(identifiers[$0]) }
        return CommittedEvents(batch: batch, indices: indices, identifiers: indices.map { identifiers[$0] })
    }
}

extension EventStore {
    /// The events after a position, in log order; nil when there are none. They count as received with the last of them.
    /// - Parameters:
    ///   - end: up to where they are asked for.
    ///   - limit: how many at most.
    ///   - maximumTextBytes: no more follow once their texts have reached this size.
    func replay(
        after position: LogPosition?, upTo end: LogPosition, limit: Int,
        maximumTextBytes: Int = 64 * 1_024 * 1_024
    ) async throws -> CommittedEvents? {
        try await readers.run { connection in
            let rows = try Self.select(
                "event_id > $1 AND event_id <= $2 ORDER BY event_id LIMIT \(limit)",
                [.uuid((position ?? .start).last.value), .uuid(end.last.value)], connection)
            let events = try Self.committed(rows, expected: limit, maximumTextBytes: maximumTextBytes)
            return events.identifiers.isEmpty ? nil : events
        }
    }

    /// One event; nil when it was deleted.
    public func event(_ identifier: EventIdentifier) async throws -> CommittedEvents? {
        try await readers.run { connection in
            let rows = try Self.select("event_id = $1", [.uuid(identifier.value)], connection)
            let events = try Self.committed(rows, expected: 1)
            return events.identifiers.isEmpty ? nil : events
        }
    }

    /// The companies that users have been put into since, in log order; empty for one who was taken out.
    /// - Parameter position: nil for the whole log.
    public func companyMoves(
        after position: LogPosition?,
        _ body:
            @escaping @Sendable (
                _ userID: String, _ environmentID: Int64, _ companyID: String, _ event: EventIdentifier
            ) -> Void
    ) async throws {
        try await readers.run { connection in
            let rows = try connection.query(
                """
                SELECT user_id, company_id, environment_id, event_id FROM \(EventTable.name)
                WHERE event_id > $1 AND event_type = 'identify_user' AND user_id IS NOT NULL AND company_id IS NOT NULL
                ORDER BY event_id
                """, [.uuid((position ?? .start).last.value)])
            while let chunk = try rows.next() {
                for row in 0..<chunk.count {
                    guard let user = try chunk.string(0, row), let company = try chunk.string(1, row) else { continue }
                    let event = EventIdentifier(value: try chunk.uuid(3, row) ?? 0)
                    body(user, try chunk.int64(2, row) ?? 0, company, event)
                }
            }
        }
    }

    /// How many events there are after a position.
    func count(after position: LogPosition?, upTo end: LogPosition) async throws -> Int {
        try await readers.run { connection in
            let rows = try connection.query(
                "SELECT count(*) FROM \(EventTable.name) WHERE event_id > $1 AND event_id <= $2",
                [.uuid((position ?? .start).last.value), .uuid(end.last.value)])
            return Int(try rows.next()?.int64(0, 0) ?? 0)
        }
    }

    static func committed(
        _ rows: Rows, expected: Int, maximumTextBytes: Int = .max
    ) throws -> CommittedEvents {
        var builder = EventBatchBuilder(receivedAt: Timestamp(microseconds: 0), expectedEvents: expected)
        var identifiers: [EventIdentifier] = []
        reading: while let chunk = try rows.next() {
            for row in 0..<chunk.count {
                identifiers.append(try builder.addStored(chunk, row: row))
                if builder.textByteCount >= maximumTextBytes { break reading }
            }
        }
        let batch = builder.build()
        return CommittedEvents(batch: batch, indices: Array(0..<batch.count), identifiers: identifiers)
    }

    /// What stays of users or companies that go: all their events behind the ends of what goes, in log order.
    /// - Parameters:
    ///   - gone: no id twice.
    ///   - known: a position up to which everything is known to be committed.
    public func events(
        of subject: DeletionSubject, behind gone: [DeletedSubjects], environmentID: Int64, knownTo known: LogPosition?
    ) async throws -> SubjectEvents {
        let start = gone.map(\.end).min() ?? .end
        return try await readers.run { connection in
            let last = try self.lastIdentifier(on: connection).map(LogPosition.init(after:))
            let end = max(last ?? start, known ?? start)
            let isBehind = [DeletedSubjects].rowCondition(subject.column, pairsAt: 4, "event_id > gone_end")
            let rows = try Self.select(
                "environment_id = $1 AND event_id > $2 AND event_id <= $3 AND \(isBehind) ORDER BY event_id",
                [.int64(environmentID), .uuid(start.last.value), .uuid(end.last.value)] + gone.pairs, connection)
            let events = try Self.committed(rows, expected: 1)
            return SubjectEvents(batch: events.batch, identifiers: events.identifiers, end: end)
        }
    }

    static func select(
        _ condition: String, _ values: [Value], _ connection: Connection
    ) throws -> Rows {
        let columns = EventTable.columns.map { $0.content.selection(of: $0.name) }.joined(separator: ", ")
        return try connection.query("SELECT \(columns) FROM \(EventTable.name) WHERE \(condition)", values)
    }
}

extension EventBatchBuilder {
    /// Adds an event as the log has it.
    /// - Parameter chunk: whose first columns are those of ``EventTable``.
    /// - Returns: its id.
    mutating func addStored(_ chunk: Chunk, row: Int) throws -> EventIdentifier {
        var identifier = EventIdentifier(value: 0)
        beginStored()
        for (place, column) in EventTable.columns.enumerated() {
            if case .identifier = column.content {
                identifier = EventIdentifier(value: try chunk.uuid(place, row) ?? 0)
            } else {
                try column.content.read(chunk, column: place, row: row, into: &self)
            }
        }
        return identifier
    }
}
