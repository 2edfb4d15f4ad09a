import DuckDB
import Time

/// Writes experiment events into the engine's data chunks, in the order of the table's columns.
final class ExposureAppender {
    private let appender: Appender
    private let chunk: DataChunk
    private var row = 0

    init(connection: Connection, half: LogHalf) throws {
        appender = try Appender(connection, catalog: "lake", schema: "main", table: half.of("exposures"))
        chunk = try appender.makeChunk()
    }

    /// A row for each experience that the event counts for, one without any when there is none.
    func append(_ event: ExperimentEvent) throws {
        if event.assignments.isEmpty { try append(event, nil) }
        for assignment in event.assignments { try append(event, assignment) }
    }

    /// Hands everything to the connection's transaction.
    func flush() throws {
        if row > 0 { try appendChunk() }
        try appender.flush()
    }

    private func append(_ event: ExperimentEvent, _ assignment: ExperimentEvent.Assignment?) throws {
        chunk.setInt64(event.environmentID, column: 0, row: row)
        chunk.setInt64(event.projectID, column: 1, row: row)
        chunk.setUUID(event.id.value, column: 2, row: row)
        chunk.setString(event.kind.rawValue, column: 3, row: row)
        chunk.setTimestamp(event.occurredAt.microseconds, column: 4, row: row)
        chunk.setTimestamp(event.receivedAt.microseconds, column: 5, row: row)
        chunk.setString(event.visitorID, column: 6, row: row)
        if let assignment {
            chunk.setInt64(assignment.experienceID, column: 7, row: row)
            chunk.setInt64(assignment.variationID, column: 8, row: row)
        }
        if let goalID = event.goalID { chunk.setInt64(goalID, column: 9, row: row) }
        if let revenue = event.revenue { chunk.setDouble(revenue, column: 10, row: row) }
        if let count = event.productsCount { chunk.setInt64(count, column: 11, row: row) }
        if let id = event.transactionID { chunk.setString(id, column: 12, row: row) }
        let segments = event.segments
        chunk.setStrings(segments.devices, column: 13, row: row)
        if let browser = segments.browser { chunk.setString(browser, column: 14, row: row) }
        if let country = segments.country { chunk.setString(country, column: 15, row: row) }
        if let type = segments.visitorType { chunk.setString(type, column: 16, row: row) }
        if let campaign = segments.campaign { chunk.setString(campaign, column: 17, row: row) }
        chunk.setStrings(segments.sources, column: 18, row: row)
        chunk.setInt64s(segments.customSegments, column: 19, row: row)
        row += 1
        if row == chunk.capacity { try appendChunk() }
    }

    private func appendChunk() throws {
        row = 0
        try appender.append(chunk)
    }
}
