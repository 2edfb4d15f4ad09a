import Metrics

/// Counts connections that are ended for the sake of others.
enum ConnectionMetrics {
    private static let refused = Counter(label: "sextant_connections_refused_total")
    private static let unread = Counter(label: "sextant_unread_answers_total")

    /// One is closed as soon as it came: there are too many, in all or of its address.
    static func refuse() { refused.increment() }

    /// One, or a stream of HTTP/2, is closed because its client does not read its answer.
    static func giveUp() { unread.increment() }
}
