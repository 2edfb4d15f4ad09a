import EventStore
import JSON
import Time

@testable import Events
@testable import UserpilotAPI

extension EventDecoder {
    /// A decoder for `ingestEvents`, changed by a body.
    static func sample(_ change: (inout EventCall) -> Void = { _ in }) -> EventDecoder {
        var call = EventCall(stream: sampleStream, surface: .sextant, now: sampleTime)
        change(&call)
        return EventDecoder(call)
    }

    static let sampleStream = EventStream(environmentID: 1, projectID: 1, appToken: "NX-1")
    /// 2025-06-15T15:06:40Z
    static let sampleTime = Timestamp(seconds: 1_750_000_000)

    /// The rows that one event makes, or why it makes none.
    func rows(_ json: String, derivedEventID: String? = nil) throws -> Result<EventBatch, EventRejection> {
        let document = try JSONDocument(parsing: json)
        var builder = EventBatchBuilder(receivedAt: call.now)
        do throws(EventRejection) {
            try decode(document.root, derivedEventID: derivedEventID, into: &builder)
        } catch {
            return .failure(error)
        }
        return .success(builder.build())
    }

    func batch(_ json: String, derivedEventID: String? = nil) throws -> EventBatch {
        try rows(json, derivedEventID: derivedEventID).get()
    }

    func rejection(_ json: String) throws -> EventRejection? {
        if case .failure(let rejection) = try rows(json) { rejection } else { nil }
    }
}
