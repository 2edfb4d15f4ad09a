import TestSupport
import Time

@testable import EventStore

extension EventStream {
    static let first = EventStream(environmentID: 1, projectID: 7, appToken: "NX-1")
    static let second = EventStream(environmentID: 2, projectID: 8, appToken: "NX-2")
}

extension EventBatch {
    /// Track events of these names.
    /// - Parameter ids: the client event ids, by position; nil for none.
    static func named(
        _ names: [String], ids: [String?] = [], user: String = "u", in stream: EventStream = .first,
        receivedAt: Timestamp = HandClock.start
    ) -> EventBatch {
        var builder = EventBatchBuilder(receivedAt: receivedAt)
        for (index, name) in names.enumerated() {
            builder.begin(.track, in: stream, source: .backendHTTP, surface: .sextant, occurredAt: receivedAt)
            builder.set(.eventName, to: name)
            builder.set(.userID, to: user)
            if index < ids.count, let id = ids[index] { builder.set(.clientEventID, to: id) }
            builder.finish(in: stream)
        }
        return builder.build()
    }

    /// Events that are named after their ids.
    static func withIDs(_ ids: [String], in stream: EventStream = .first) -> EventBatch {
        named(ids, ids: ids, in: stream)
    }
}

extension EventOutcome {
    var identifier: EventIdentifier? {
        if case .accepted(let identifier) = self { identifier } else { nil }
    }
}
