/// Whether an answer is read fast enough. What is slower keeps memory and a connection busy on purpose.
///
/// Whoever reads has credit, in seconds: it goes down while something waits to be written, and up with what is written. Time in
/// which the server has nothing to write does not count. Times are seconds of a clock that only goes on.
public struct AnswerPace: Sendable {
    public struct Limits: Sendable {
        /// What a client must read in the long run.
        public var bytesPerSecond = 1_024.0
        /// How long it may read nothing at most, and what it has at the beginning.
        public var creditSeconds = 120.0
        /// The same where memory is scarce.
        public var scarceCreditSeconds = 15.0

        public init() {}
    }

    private let limits: Limits
    private var credit: Double
    /// Parts of the answer that are handed over and not written.
    private var waiting = 0
    /// Since when something waits, or the last that was written.
    private var since = 0.0

    init(_ limits: Limits) {
        self.limits = limits
        credit = limits.creditSeconds
    }

    /// Whether something waits for the client.
    var isWaiting: Bool { waiting > 0 }

    /// Notes that an answer begins: unless the client has not read the last one, it has all its credit.
    mutating func begin() {
        if waiting == 0 { credit = limits.creditSeconds }
    }

    /// Notes that a part is handed over.
    mutating func handOver(at now: Double) {
        if waiting == 0 { since = now }
        waiting += 1
    }

    /// Notes that a part is written, and so read by the client or on its way there.
    mutating func write(_ bytes: Int, at now: Double) {
        credit = min(credit - (now - since) + Double(bytes) / limits.bytesPerSecond, limits.creditSeconds)
        waiting -= 1
        since = now
    }

    /// Whether the client is given up.
    func isTooSlow(at now: Double, isScarce: @autoclosure () -> Bool) -> Bool {
        guard waiting > 0 else { return false }
        let waited = now - since
        return credit - waited < 0 || waited > limits.scarceCreditSeconds && isScarce()
    }
}
