import DuckDB
import Time

/// Writes rows of batches into the engine's data chunks.
final class EventAppender {
    private let appender: Appender
    private let chunk: DataChunk
    private let contents = EventTable.columns.map(\.content)
    private let companyPlace = EventTable.places[EventField.companyID.rawValue]
    private var filled = 0

    init(connection: Connection, half: LogHalf) throws {
        appender = try Appender(connection, catalog: "lake", schema: "main", table: half.of("events"))
        chunk = try appender.makeChunk()
    }

    /// - Parameter company: of an event that names none itself.
    func append(_ batch: EventBatch, row: Int, as identifier: EventIdentifier, company: String?) throws {
        let event = batch.rows[row]
        batch.text.withUnsafeBufferPointer { text in
            for place in contents.indices {
                contents[place].write(
                    event, as: identifier, receivedAt: batch.receivedAt, text: text, to: chunk, column: place,
                    row: filled)
            }
        }
        if var company {
            company.withUTF8 { chunk.setTrustedUTF8($0, column: companyPlace, row: filled) }
        }
        filled += 1
        if filled == chunk.capacity { try appendChunk() }
    }

    /// Hands everything to the connection's transaction.
    func flush() throws {
        if filled > 0 { try appendChunk() }
        try appender.flush()
    }

    private func appendChunk() throws {
        filled = 0
        try appender.append(chunk)
    }
}
