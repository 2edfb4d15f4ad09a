/// How fast the body under way arrives on a connection. Of requests that HTTP/1.1 sends ahead only the first is read; what the
/// others send waits, and is not slow. Times are seconds of a clock that only goes on.
struct BodyPace {
    /// Whether a body is under way.
    private var isUnderWay = false
    /// Since when it is read; nil while answers before it are not over.
    private var since: Double?
    private var bytes = 0

    /// How much earlier the reader of a body gives it up, who tells its client so: this is for those that send nothing for
    /// the reader to notice.
    private static let readerSeconds = 5.0

    /// Notes that a request's head has come.
    /// - Parameter isFirst: whether no answer before it is pending.
    mutating func begin(isFirst: Bool, at now: Double) {
        (isUnderWay, since, bytes) = (true, isFirst ? now : nil, 0)
    }

    /// Notes that a part of the body has come.
    mutating func receive(_ count: Int) { bytes += count }

    /// Notes that the body is there.
    mutating func end() { (isUnderWay, since) = (false, nil) }

    /// Notes that the answers before it are over.
    mutating func takeTurn(at now: Double) {
        if isUnderWay, since == nil { since = now }
    }

    /// Whether the body is given up.
    func isTooSlow(at now: Double) -> Bool {
        guard let since else { return false }
        return BodyDeadline.isPassed(receivedBytes: bytes, after: now - since - Self.readerSeconds)
    }
}
