import DuckDB
import Time

/// Writes rows of batches into the engine's data chunks.
final class EventAppender {
    private let appender: Appender
    private let chunk: DataChunk
    private let firstTextColumn = EventTable.firstTextColumn
    private var filled = 0

    init(connection: Connection, half: LogHalf) throws {
        appender = try Appender(connection, catalog: "lake", schema: "main", table: half.of("events"))
        chunk = try appender.makeChunk()
    }

    /// - Parameter company: of an event that names none itself.
    func append(_ batch: EventBatch, row: Int, as identifier: EventIdentifier, company: String?) throws {
        let event = batch.rows[row]
        chunk.setInt64(event.environmentID, column: 0, row: filled)
        chunk.setInt64(event.projectID, column: 1, row: filled)
        chunk.setUUID(identifier.value, column: 2, row: filled)
        chunk.setUInt64(event.internalEventID, column: 3, row: filled)
        chunk.setTrustedUTF8(Self.bytes(of: event.type.staticName), column: 4, row: filled)
        chunk.setTrustedUTF8(Self.bytes(of: event.source.staticName), column: 5, row: filled)
        chunk.setTrustedUTF8(Self.bytes(of: event.surface.staticName), column: 6, row: filled)
        chunk.setTimestamp(event.occurredAt, column: 7, row: filled)
        chunk.setTimestamp(batch.receivedAt.microseconds, column: 8, row: filled)
        if let width = event.screenWidth { chunk.setInt32(width, column: 9, row: filled) }
        if let height = event.screenHeight { chunk.setInt32(height, column: 10, row: filled) }
        batch.text.withUnsafeBufferPointer { text in
            for field in event.texts.indices {
                let slice = event.texts[field]
                if slice.isNone { continue }
                let bytes = UnsafeBufferPointer(
                    rebasing: text[Int(slice.offset)..<Int(slice.offset) + Int(slice.length)])
                chunk.setTrustedUTF8(bytes, column: firstTextColumn + field, row: filled)
            }
        }
        if var company {
            company.withUTF8 {
                chunk.setTrustedUTF8($0, column: firstTextColumn + EventField.companyID.rawValue, row: filled)
            }
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

    private static func bytes(of text: StaticString) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
}
