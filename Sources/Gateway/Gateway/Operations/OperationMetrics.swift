import HTTPTypes
import Metrics
import Synchronization

/// Counts one operation's requests by status and times them.
final class OperationMetrics: Sendable {
    let operation: String
    private let timer: Metrics.Timer
    private let counters = Mutex<[Int: Counter]>([:])

    init(operation: String) {
        self.operation = operation
        timer = Metrics.Timer(label: "sextant_http_request_seconds", dimensions: [("operation", operation)])
    }

    /// Counts a request with members that its contract does not name.
    func countUnknownNames() {
        Counter(label: "sextant_unknown_fields_total", dimensions: [("operation", operation)]).increment()
    }

    func record(status: HTTPResponse.Status, duration: Duration) {
        let (seconds, attoseconds) = duration.components
        timer.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        let counter = counters.withLock { counters in
            if let counter = counters[status.code] { return counter }
            let counter = Counter(
                label: "sextant_http_requests_total",
                dimensions: [("operation", operation), ("status", "\(status.code)")])
            counters[status.code] = counter
            return counter
        }
        counter.increment()
    }
}
