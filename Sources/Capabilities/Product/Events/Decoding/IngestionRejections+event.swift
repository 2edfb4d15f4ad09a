import ControlStore
import EventStore
import Metrics
import Time

extension IngestionRejections {
    /// Counts an event that was turned away, where its sender sees it and for the operator.
    func record(_ rejection: EventRejection, in stream: EventStream, at time: Timestamp) {
        let reason = rejection.reason.rawValue
        record(environmentID: stream.environmentID, reason: reason, at: time, detail: rejection.message)
        Counter(label: "sextant_events_rejected_total", dimensions: [("reason", reason)]).increment()
    }
}
