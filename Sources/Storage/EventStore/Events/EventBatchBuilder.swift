public import Time

/// Collects events into a batch. Texts are copied into one arena, so an event costs no allocation of its own.
public struct EventBatchBuilder: ~Copyable {
    var receivedAt: Timestamp
    private var rows: [EventRow] = []
    private var text: [UInt8] = []
    private let namesCompanies: Bool

    /// - Parameter namesCompanies: whether events of users that name no company are stored with the one that their user is
    ///   in; false for what happened long ago, when they may have been elsewhere.
    public init(
        receivedAt: Timestamp, expectedEvents: Int = 1, expectedTextBytes: Int = 512, namesCompanies: Bool = true
    ) {
        self.receivedAt = receivedAt
        self.namesCompanies = namesCompanies
        rows.reserveCapacity(expectedEvents)
        text.reserveCapacity(expectedTextBytes)
    }

    public var count: Int { rows.count }
    var textByteCount: Int { text.count }

    /// The event begun last, without its texts.
    var last: EventRow {
        get { rows[rows.count - 1] }
        _modify { yield &rows[rows.count - 1] }
    }

    /// Starts an event that is read back from the log.
    mutating func beginStored() {
        begin(
            .track, in: EventStream(environmentID: 0, projectID: 0, appToken: ""), source: .backendHTTP,
            surface: .sextant, occurredAt: Timestamp(microseconds: 0))
    }

    /// Starts an event; the `set` calls that follow fill it in, until `finish` keeps or `discard` drops it.
    public mutating func begin(
        _ type: EventType, in stream: EventStream, source: EventSource, surface: EventSurface, occurredAt: Timestamp
    ) {
        rows.append(
            EventRow(
                environmentID: stream.environmentID, projectID: stream.projectID, type: type, source: source,
                surface: surface, occurredAt: occurredAt.microseconds, screenWidth: nil, screenHeight: nil,
                internalEventID: 0, propertyShape: 0, texts: InlineArray(repeating: .none)))
    }

    /// Sets a text of the event begun last. Later calls for the same field win.
    public mutating func set(_ field: EventField, to bytes: UnsafeBufferPointer<UInt8>) {
        let slice = TextSlice(offset: UInt32(text.count), length: UInt32(bytes.count))
        text.append(contentsOf: bytes)
        rows[rows.count - 1].texts[field.rawValue] = slice
    }

    public mutating func set(_ field: EventField, to value: String) {
        var value = value
        value.withUTF8 { set(field, to: $0) }
    }

    /// Sets a text that no other is derived from, of an event that was finished.
    public mutating func set(_ field: EventField, to value: String, at index: Int) {
        guard rows.indices.contains(index) else { return }
        let start = text.count
        text.append(contentsOf: value.utf8)
        rows[index].texts[field.rawValue] = TextSlice(offset: UInt32(start), length: UInt32(text.count - start))
    }

    public mutating func setScreen(width: Int32?, height: Int32?) {
        rows[rows.count - 1].screenWidth = width
        rows[rows.count - 1].screenHeight = height
    }

    public mutating func setPropertyShape(_ shape: UInt64) {
        rows[rows.count - 1].propertyShape = shape
    }

    /// Completes the event begun last: derives the id that export clients know it by.
    public mutating func finish(in stream: EventStream) {
        let row = rows[rows.count - 1]
        rows[rows.count - 1].internalEventID = text.withUnsafeBufferPointer { text in
            InternalEventIdentifier.hash(row, text: text, appToken: stream.appToken)
        }
    }

    /// A text of an event that was begun, nil when it has none; the buffer is valid only inside `body`.
    public func withUTF8<Result>(
        of field: EventField, at index: Int, _ body: (UnsafeBufferPointer<UInt8>?) -> Result
    ) -> Result {
        guard rows.indices.contains(index) else { return body(nil) }
        let slice = rows[index].texts[field.rawValue]
        if slice.isNone { return body(nil) }
        return text.withUnsafeBufferPointer { text in
            body(UnsafeBufferPointer(rebasing: text[Int(slice.offset)..<Int(slice.offset) + Int(slice.length)]))
        }
    }

    /// The same as a copy.
    public func text(_ field: EventField, at index: Int) -> String? {
        withUTF8(of: field, at: index) { bytes in bytes.map { String(decoding: $0, as: UTF8.self) } }
    }

    /// The source of an event that was begun; nil for one that was not.
    public func source(at index: Int) -> EventSource? { rows.indices.contains(index) ? rows[index].source : nil }

    /// The type of an event that was begun; nil for one that was not.
    public func type(at index: Int) -> EventType? { rows.indices.contains(index) ? rows[index].type : nil }

    /// Starts an event of the time, source and interface of another.
    public mutating func begin(_ type: EventType, in stream: EventStream, like index: Int) {
        guard rows.indices.contains(index) else { return }
        let other = rows[index]
        begin(
            type, in: stream, source: other.source, surface: other.surface,
            occurredAt: Timestamp(microseconds: other.occurredAt))
    }

    /// Takes events out again until `count` are left.
    public mutating func discard(downTo count: Int) {
        rows.removeSubrange(count...)
    }

    public consuming func build() -> EventBatch {
        EventBatch(receivedAt: receivedAt, rows: rows, text: text, namesCompanies: namesCompanies)
    }
}
