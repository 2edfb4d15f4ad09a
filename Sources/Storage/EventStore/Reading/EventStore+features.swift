import DuckDB
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
}
