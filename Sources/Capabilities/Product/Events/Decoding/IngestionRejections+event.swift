import ControlStore
import EventStore
import JSON
import Metrics
import Text
import Time

extension IngestionRejections {
    /// Counts an event that was turned away, where its sender sees it and for the operator.
    /// - Parameters:
    ///   - event: as it came, for those who look for what is wrong with it; nil when there is none to show.
    ///   - keyID: the key that it came with.
    func record(
        _ rejection: EventRejection, in stream: EventStream, at time: Timestamp, event: JSONNode?, keyID: Int64?
    ) {
        record(rejection, in: stream, at: time, keyID: keyID) { event?.withRawText { Array($0) } }
    }

    /// - Parameter text: the event as it came; asked for only where it is wanted.
    func record(
        _ rejection: EventRejection, in stream: EventStream, at time: Timestamp, keyID: Int64?,
        text: () -> [UInt8]?
    ) {
        let reason = rejection.reason.rawValue
        record(environmentID: stream.environmentID, reason: reason, at: time, detail: rejection.message)
        // Whoever is denied leaves nothing here.
        if rejection.reason != .denied, takesSample(environmentID: stream.environmentID, reason: reason) {
            var sample = RejectionSample(at: time, keyID: keyID, field: rejection.field, message: rejection.message)
            if let text = text() { sample.show(text) }
            add(sample, environmentID: stream.environmentID, reason: reason)
        }
        Counter(label: "sextant_events_rejected_total", dimensions: [("reason", reason)]).increment()
    }

    /// Counts events with members that nothing reads. They may have been stored all the same.
    func record(_ unknown: UnknownMembers, in stream: EventStream, at time: Timestamp) {
        if let last = unknown.last { record(unknown: last, events: unknown.eventCount, in: stream, at: time) }
    }

    /// The same.
    /// - Parameter name: the last that was found.
    func record(unknown name: UnknownName, events count: Int, in stream: EventStream, at time: Timestamp) {
        note(name, count: count, in: stream, at: time)
        Counter(label: "sextant_unknown_fields_total", dimensions: [("operation", "events")])
            .increment(by: Int64(count))
    }

    /// Counts what was counted for the operator by the operation that it came to.
    func note(_ name: UnknownName, count: Int = 1, in stream: EventStream, at time: Timestamp) {
        record(
            environmentID: stream.environmentID, reason: "unknown_field", count: count, at: time, detail: "\(name)")
    }
}
