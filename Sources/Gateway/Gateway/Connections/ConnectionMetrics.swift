import Metrics
import Synchronization

/// Counts connections that are ended for the sake of others.
enum ConnectionMetrics {
    private static let refused = Counter(label: "sextant_connections_refused_total")
    private static let unread = Counter(label: "sextant_unread_answers_total")
    private static let gauge = Gauge(label: "sextant_connections")
    private static let openCount = Mutex(0)

    /// One is let in.
    static func open() { count(1) }

    /// One that was let in has ended.
    static func close() { count(-1) }

    private static func count(_ change: Int) {
        openCount.withLock { count in
            count += change
            gauge.record(count)
        }
    }

    /// One is closed as soon as it came: there are too many, in all or of its address.
    static func refuse() { refused.increment() }

    /// One, or a stream of HTTP/2, is closed because its client does not read its answer.
    static func giveUp() { unread.increment() }
}
