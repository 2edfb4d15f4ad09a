public import Time

/// Some events that arrived together, in the order they came: fixed-size rows over one arena of text.
///
/// A batch is built by one task with `EventBatchBuilder` and never changes afterwards, so it travels between threads
/// without copies: request, writer, projections.
public final class EventBatch: Sendable {
    /// When the server took these events in.
    public let receivedAt: Timestamp
    let rows: [EventRow]
    let text: [UInt8]
    /// Whether events of users that name no company are stored with the one that their user is in.
    let namesCompanies: Bool

    init(receivedAt: Timestamp, rows: [EventRow], text: [UInt8], namesCompanies: Bool = true) {
        self.receivedAt = receivedAt
        self.rows = rows
        self.text = text
        self.namesCompanies = namesCompanies
    }

    public var count: Int { rows.count }
    public var isEmpty: Bool { rows.isEmpty }

    /// Roughly what the batch holds in memory, in bytes.
    public var byteCount: Int { text.count + rows.count * MemoryLayout<EventRow>.stride }

    public subscript(index: Int) -> EventView {
        EventView(batch: self, index: index)
    }
}

/// Where a text lies in the arena; `length` is `.max` for no text at all (SQL NULL).
struct TextSlice {
    var offset: UInt32 = 0
    var length: UInt32 = .max

    static let none = TextSlice()
    var isNone: Bool { length == .max }
}

/// One event without its texts.
struct EventRow {
    var environmentID: Int64
    var projectID: Int64
    var type: EventType
    var source: EventSource
    var surface: EventSurface
    /// Microseconds since the epoch.
    var occurredAt: Int64
    var screenWidth: Int32?
    var screenHeight: Int32?
    var internalEventID: UInt64
    /// Hash of the property names and types, see `PropertyShape`.
    var propertyShape: UInt64
    var texts: EventTexts
}

/// One event of a batch, read in place.
public struct EventView: Sendable {
    let batch: EventBatch
    let index: Int

    public var environmentID: Int64 { batch.rows[index].environmentID }
    public var projectID: Int64 { batch.rows[index].projectID }
    public var type: EventType { batch.rows[index].type }
    public var source: EventSource { batch.rows[index].source }
    public var surface: EventSurface { batch.rows[index].surface }
    /// When it happened, as the client says, else when it was received.
    public var occurredAt: Timestamp { Timestamp(microseconds: batch.rows[index].occurredAt) }
    public var receivedAt: Timestamp { batch.receivedAt }
    public var screenWidth: Int32? { batch.rows[index].screenWidth }
    public var screenHeight: Int32? { batch.rows[index].screenHeight }
    /// xxHash64 of what identifies the event to export clients, see `InternalEventIdentifier`.
    public var internalEventID: UInt64 { batch.rows[index].internalEventID }
    /// Equal for two events whose properties have the same names and types (64-bit hash, see `PropertyShape`).
    public var propertyShape: UInt64 { batch.rows[index].propertyShape }

    /// The text of a field, nil when the event has none.
    public subscript(field: EventField) -> String? {
        withUTF8(of: field) { bytes in bytes.map { String(decoding: $0, as: UTF8.self) } }
    }

    /// The same without a copy; the buffer is valid only inside `body`.
    public func withUTF8<Result>(
        of field: EventField, _ body: (UnsafeBufferPointer<UInt8>?) throws -> Result
    ) rethrows -> Result {
        let slice = batch.rows[index].texts[field.rawValue]
        if slice.isNone { return try body(nil) }
        return try batch.text.withUnsafeBufferPointer { text in
            try body(UnsafeBufferPointer(rebasing: text[Int(slice.offset)..<Int(slice.offset) + Int(slice.length)]))
        }
    }
}
