import DuckDB
package import Text
public import Time

/// How a feature was used within a span.
public struct FeatureUse: Sendable, Equatable {
    public let events: Int
    public let users: Int
    public let companies: Int
}

extension EventStore {
    /// How a feature was used within a span, by the events of its tag.
    public func use(ofFeature tag: String, environmentID: Int64, in span: Range<Timestamp>) async throws -> FeatureUse {
        try await readers.run { connection in
            let rows = try connection.query(
                """
                SELECT count(*), count(DISTINCT user_id), count(DISTINCT company_id) FROM \(EventTable.name)
                WHERE environment_id = $1 AND event_type = 'track_feature' AND event_name = $2
                AND occurred_at >= $3 AND occurred_at < $4
                """,
                [
                    .int64(environmentID), .string(tag), .timestamp(span.lowerBound.microseconds),
                    .timestamp(span.upperBound.microseconds),
                ])
            let chunk = try rows.next()
            func count(_ column: Int) throws -> Int { Int(try chunk?.int64(column, 0) ?? 0) }
            return try FeatureUse(events: count(0), users: count(1), companies: count(2))
        }
    }

    /// Events of an environment in which uses of features may be found, and those that were, behind a position and in log
    /// order.
    /// - Parameters:
    ///   - limit: how many at most.
    ///   - maximumTextBytes: no more follow once their texts have reached this size.
    /// - Returns: the events, and whether there may be more.
    package func featureEvents(
        environmentID: Int64, after position: LogPosition, upTo end: LogPosition, limit: Int,
        maximumTextBytes: Int = 16 * 1_024 * 1_024
    ) async throws -> (events: CommittedEvents, isCut: Bool) {
        try await readers.run { connection in
            let rows = try Self.select(
                "\(Self.featureRows) ORDER BY event_id LIMIT \(limit)",
                [.int64(environmentID), .uuid(position.last.value), .uuid(end.last.value)], connection)
            let events = try Self.committed(rows, expected: limit, maximumTextBytes: maximumTextBytes)
            return (events, events.identifiers.count >= limit || events.batch.text.count >= maximumTextBytes)
        }
    }

    /// How many such events there are.
    package func featureEventCount(
        environmentID: Int64, after position: LogPosition, upTo end: LogPosition
    ) async throws -> Int {
        try await readers.run { connection in
            let rows = try connection.query(
                "SELECT count(*) FROM \(EventTable.name) WHERE \(Self.featureRows)",
                [.int64(environmentID), .uuid(position.last.value), .uuid(end.last.value)])
            return Int(try rows.next()?.int64(0, 0) ?? 0)
        }
    }

    private static let featureRows = """
        environment_id = $1 AND event_id > $2 AND event_id <= $3
        AND event_type IN ('page_view', 'track', 'track_feature')
        """

    /// Which of some uses of a feature are stored.
    /// - Parameters:
    ///   - ids: their own ids.
    ///   - span: when they happened.
    package func storedUses(
        _ ids: [String], ofFeature tag: String, environmentID: Int64, in span: ClosedRange<Timestamp>
    ) async throws -> Set<ClientText> {
        if ids.isEmpty { return [] }
        return try await readers.run { connection in
            let rows = try connection.query(
                """
                SELECT client_event_id FROM \(EventTable.name)
                WHERE environment_id = $1 AND event_type = 'track_feature' AND event_name = $2
                AND occurred_at BETWEEN $3 AND $4 AND client_event_id IN (SELECT unnest($5))
                """,
                [
                    .int64(environmentID), .string(tag), .timestamp(span.lowerBound.microseconds),
                    .timestamp(span.upperBound.microseconds), .strings(ids),
                ])
            var stored: Set<ClientText> = []
            while let chunk = try rows.next() {
                for row in 0..<chunk.count {
                    if let id = try chunk.string(0, row) { stored.insert(ClientText(id)) }
                }
            }
            return stored
        }
    }
}
