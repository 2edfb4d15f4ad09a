import DuckDB
import EventStore

/// The end of the log, as one environment sees it.
struct LogTail: Sendable {
    /// The newest event of all; nil when there is none after the position.
    let end: EventIdentifier?
    /// The environment's newest event.
    let last: EventIdentifier
    /// How many events the environment has after the position.
    let count: Int
}

extension EventStore {
    /// What follows a position. Everything up to `end` is committed: the one writer's ids rise.
    func tail(environmentID: Int64, after position: EventIdentifier) async throws -> LogTail {
        try await readers.run { connection in
            let rows = try connection.query(
                """
                SELECT max(event_id), max(event_id) FILTER (environment_id = $1), count(*) FILTER (environment_id = $1)
                FROM \(EventTable.name) WHERE event_id > $2
                """, [.int64(environmentID), .uuid(position.value)])
            guard let chunk = try rows.next() else { return LogTail(end: nil, last: position, count: 0) }
            return LogTail(
                end: try chunk.uuid(0, 0).map(EventIdentifier.init(value:)),
                last: EventIdentifier(value: try chunk.uuid(1, 0) ?? position.value),
                count: Int(try chunk.int64(2, 0) ?? 0))
        }
    }

    /// How many events an environment has after `start`, up to `last`.
    func count(environmentID: Int64, after start: EventIdentifier, upTo last: EventIdentifier) async throws -> Int {
        try await readers.run { connection in
            let rows = try connection.query(
                """
                SELECT count(*) FROM \(EventTable.name)
                WHERE environment_id = $1 AND event_id > $2 AND event_id <= $3
                """, [.int64(environmentID), .uuid(start.value), .uuid(last.value)])
            return Int(try rows.next()?.int64(0, 0) ?? 0)
        }
    }

    /// Events that cut what an environment has after `start`, up to `last`, into pieces of about `size`.
    ///
    /// Sorting them all would take memory in proportion; a sample of one in 4,096 is sorted instead.
    func cuts(
        environmentID: Int64, after start: EventIdentifier, upTo last: EventIdentifier, size: Int
    ) async throws -> [EventIdentifier] {
        let sample = 4_096
        let identifiers = try await readers.run { connection in
            let rows = try connection.query(
                """
                SELECT event_id FROM \(EventTable.name)
                WHERE environment_id = $1 AND event_id > $2 AND event_id <= $3 AND hash(event_id) % \(sample) = 0
                ORDER BY event_id
                """, [.int64(environmentID), .uuid(start.value), .uuid(last.value)])
            return try rows.map { chunk, row in EventIdentifier(value: try chunk.uuid(0, row) ?? 0) }
        }
        let step = max(size / sample, 1)
        return stride(from: step, to: identifiers.count, by: step).map { identifiers[$0] }
    }

    /// Writes an environment's events after `start`, up to `last`, into a Parquet file, in the order of storing.
    /// - Returns: how many there are.
    func copy(
        environmentID: Int64, after start: EventIdentifier, upTo last: EventIdentifier, to path: String
    ) async throws -> Int {
        try await readers.run { connection in
            try connection.execute(
                """
                COPY (
                    SELECT \(EventsView.selection) FROM \(EventTable.name) WHERE environment_id = \(environmentID)
                    AND event_id > '\(start)'::UUID AND event_id <= '\(last)'::UUID ORDER BY events.event_id
                ) TO \(SQLText.literal(path)) (FORMAT parquet, COMPRESSION zstd)
                """, [])
        }
    }
}
