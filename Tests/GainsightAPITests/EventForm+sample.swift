import EventStore
import Events
import JSON
import Time

extension EventForm {
    /// 2025-06-15T15:06:40Z
    static var now: Timestamp { Timestamp(seconds: 1_750_000_000) }

    /// The rows that one event makes.
    /// - Parameter type: what the operation takes; nil where events say it.
    /// - Throws: `EventRejection`, why it makes none.
    func rows(_ json: String, type: EventType? = nil) throws -> EventBatch {
        let stream = EventStream(environmentID: 1, projectID: 1, appToken: "NX-1")
        var call = EventCall(stream: stream, surface: .gainsight, now: Self.now)
        if let type { call.typeRule = .fixed(type) }
        let document = try JSONDocument(parsing: json)
        var builder = EventBatchBuilder(receivedAt: call.now)
        try decode(document.root, call, derivedEventID: nil, into: &builder)
        return builder.build()
    }

    /// Why an event makes no rows.
    func rejection(_ json: String, type: EventType? = nil) -> EventRejection? {
        do {
            _ = try rows(json, type: type)
            return nil
        } catch {
            return error as? EventRejection
        }
    }
}

extension EventView {
    /// The properties; null where there are none.
    var document: JSONValue {
        get throws { try self[.properties].map { try JSONValue(parsing: $0) } ?? .null }
    }
}
