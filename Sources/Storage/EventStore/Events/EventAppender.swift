import DuckDB
import Time

/// Writes rows of batches into the engine's data chunks.
final class EventAppender {
    private let appender: Appender
    private let chunk: DataChunk
    /// What is in the row itself, and the columns that hold the texts, by field: most events have few.
    private let fixed = EventTable.columns.enumerated().filter { $0.element.content.field == nil }
        .map { (place: $0.offset, content: $0.element.content) }
    private let textPlaces = EventTable.places
    private var filled = 0

    init(connection: Connection, half: LogHalf) throws {
        appender = try Appender(connection, catalog: "lake", schema: "main", table: half.of("events"))
        chunk = try appender.makeChunk()
    }

    /// - Parameter company: of an event that names none itself.
    func append(_ batch: EventBatch, row: Int, as identifier: EventIdentifier, company: String?) throws {
        batch.rows.withUnsafeBufferPointer { rows in
            withUnsafePointer(to: rows[row]) { event in write(event, of: batch, as: identifier) }
        }
        if var company {
            let place = textPlaces[EventField.companyID.rawValue]
            company.withUTF8 { chunk.setTrustedUTF8($0, column: place, row: filled) }
        }
        filled += 1
        if filled == chunk.capacity { try appendChunk() }
    }

    private func write(_ event: UnsafePointer<EventRow>, of batch: EventBatch, as identifier: EventIdentifier) {
        for (place, content) in fixed {
            content.write(event, as: identifier, receivedAt: batch.receivedAt, to: chunk, column: place, row: filled)
        }
        batch.text.withUnsafeBufferPointer { text in
            for field in textPlaces.indices {
                let slice = event.pointee.texts[field]
                if slice.isNone { continue }
                let bytes = UnsafeBufferPointer(
                    rebasing: text[Int(slice.offset)..<Int(slice.offset) + Int(slice.length)])
                chunk.setTrustedUTF8(bytes, column: textPlaces[field], row: filled)
            }
        }
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
