import DuckDB

/// Writes experiment events into the engine's data chunks.
final class ExposureAppender {
    private let appender: Appender
    private let chunk: DataChunk
    private let contents = ExposureTable.columns.map(\.content)
    private var filled = 0

    init(connection: Connection, half: LogHalf) throws {
        appender = try Appender(connection, catalog: "lake", schema: "main", table: half.of("exposures"))
        chunk = try appender.makeChunk()
    }

    /// A row for each experience that the event counts for, one without any when there is none.
    func append(_ event: ExperimentEvent) throws {
        var row = ExposureRow(event)
        if event.assignments.isEmpty { try append(row) }
        for assignment in event.assignments {
            row.experienceID = assignment.experienceID
            row.variationID = assignment.variationID
            try append(row)
        }
    }

    /// Hands everything to the connection's transaction.
    func flush() throws {
        if filled > 0 { try appendChunk() }
        try appender.flush()
    }

    private func append(_ row: ExposureRow) throws {
        withUnsafePointer(to: row) { row in
            for (place, content) in contents.enumerated() {
                content.write(row, to: chunk, column: place, row: filled)
            }
        }
        filled += 1
        if filled == chunk.capacity { try appendChunk() }
    }

    private func appendChunk() throws {
        filled = 0
        try appender.append(chunk)
    }
}
