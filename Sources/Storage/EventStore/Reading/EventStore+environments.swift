import DuckDB

/// What an environment has behind a position.
package struct EnvironmentTail: Sendable {
    /// Where the log ends; nil when nothing is behind the position.
    package let end: LogPosition?
    /// Right behind the environment's newest event.
    package let last: LogPosition
    /// How many events of the environment there are.
    package let count: Int
}

/// What one environment has between two positions, for those who keep copies of it.
extension EventStore {
    /// What follows a position. Everything before its end is committed: the one writer's ids rise, and where ids of
    /// experiment events do not, ``history`` tells.
    package func tail(
        of table: ShownTable, environmentID: Int64, after position: LogPosition
    ) async throws -> EnvironmentTail {
        try await readers.run { connection in
            let rows = try connection.query(
                """
                SELECT max(\(table.idColumn)), max(\(table.idColumn)) FILTER (environment_id = $1),
                    count(*) FILTER (environment_id = $1)
                FROM \(table.storedName) WHERE \(table.idColumn) > $2
                """, [.int64(environmentID), .uuid(position.last.value)])
            guard let chunk = try rows.next() else { return EnvironmentTail(end: nil, last: position, count: 0) }
            return EnvironmentTail(
                end: try chunk.uuid(0, 0).map(LogPosition.init(last:)),
                last: try chunk.uuid(1, 0).map(LogPosition.init(last:)) ?? position,
                count: Int(try chunk.int64(2, 0) ?? 0))
        }
    }

    /// How many rows there are between two positions.
    package func count(
        of table: ShownTable, environmentID: Int64, after start: LogPosition, upTo end: LogPosition
    ) async throws -> Int {
        try await readers.run { connection in
            let rows = try connection.query(
                """
                SELECT count(*) FROM \(table.storedName)
                WHERE environment_id = $1 AND \(table.idColumn) > $2 AND \(table.idColumn) <= $3
                """, [.int64(environmentID), .uuid(start.last.value), .uuid(end.last.value)])
            return Int(try rows.next()?.int64(0, 0) ?? 0)
        }
    }

    /// Positions that cut what there is between two others into pieces of about `size` rows.
    ///
    /// Sorting them all would take memory in proportion; a sample of one in 4,096 is sorted instead.
    package func cuts(
        of table: ShownTable, environmentID: Int64, after start: LogPosition, upTo end: LogPosition, size: Int
    ) async throws -> [LogPosition] {
        let sample = 4_096
        let positions = try await readers.run { connection in
            let rows = try connection.query(
                """
                SELECT \(table.idColumn) FROM \(table.storedName)
                WHERE environment_id = $1 AND \(table.idColumn) > $2 AND \(table.idColumn) <= $3
                    AND hash(\(table.idColumn)) % \(sample) = 0
                ORDER BY \(table.idColumn)
                """, [.int64(environmentID), .uuid(start.last.value), .uuid(end.last.value)])
            return try rows.map { chunk, row in LogPosition(last: try chunk.uuid(0, row) ?? 0) }
        }
        let step = max(size / sample, 1)
        return stride(from: step, to: positions.count, by: step).map { positions[$0] }
    }

    /// Writes the rows between two positions into a Parquet file, in the order of storing, with the columns that are
    /// shown.
    /// - Returns: how many there are.
    package func copy(
        _ table: ShownTable, environmentID: Int64, after start: LogPosition, upTo end: LogPosition, to path: String
    ) async throws -> Int {
        let columns = table.columns.map { "\($0.source) AS \($0.name)" }.joined(separator: ", ")
        return try await readers.run { connection in
            try connection.execute(
                """
                COPY (
                    SELECT \(columns) FROM \(table.storedName) AS stored WHERE environment_id = \(environmentID)
                    AND \(table.idColumn) > '\(start.last)'::UUID AND \(table.idColumn) <= '\(end.last)'::UUID
                    ORDER BY stored.\(table.idColumn)
                ) TO '\(path.replacing("'", with: "''"))' (FORMAT parquet, COMPRESSION zstd)
                """, [])
        }
    }
}

extension LogPosition {
    /// Right behind the event with this id.
    fileprivate init(last value: UInt128) {
        self.init(after: EventIdentifier(value: value))
    }
}

extension ShownColumn {
    /// What it is made of in the log.
    fileprivate var source: String {
        storedType == .json ? "coalesce(\(storedName), '{}'::JSON)" : storedName
    }
}
