import EventStore
import JSON
import Time

@testable import Events

extension EventDecoder {
    /// A decoder for `ingestEvents`, changed by a body.
    static func sample(_ change: (inout EventDecoder) -> Void = { _ in }) -> EventDecoder {
        var decoder = EventDecoder(stream: IngestionRig.stream, surface: .sextant, now: IngestionRig.now)
        change(&decoder)
        return decoder
    }

    /// The rows that one event makes, or why it makes none.
    func rows(_ json: String, derivedEventID: String? = nil) throws -> Result<EventBatch, EventRejection> {
        let document = try JSONDocument(parsing: json)
        var builder = EventBatchBuilder(receivedAt: now)
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
