public import Time

/// One message to a receiver, and what became of it.
public struct Delivery: Sendable, Identifiable {
    public enum State: String, Sendable, CaseIterable {
        /// To be sent again.
        case waiting
        case delivered
        /// Given up; can be sent again by hand.
        case failed
    }

    public let id: Int64
    public let subscriptionID: Int64
    /// `webhook-id`: the same for every attempt.
    public let messageID: String
    public let eventType: String
    public let state: State
    /// What is sent, JSON.
    public let body: String
    public let attempts: Int
    public let nextAttemptAt: Timestamp?
    public let createdAt: Timestamp
    public let attemptedAt: Timestamp
    /// What the receiver answered last; nil when there was no answer.
    public let status: Int?
    /// The beginning of the answer, or why there was none.
    public let answer: String
}

/// When a message is sent again.
enum DeliverySchedule {
    /// Seconds after each attempt that failed until the next.
    static let delays: [Int64] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
    /// So many attempts are made.
    static let attempts = delays.count + 1
    /// No receiver has us wait for longer.
    static let longestWaitSeconds: Int64 = 86_400

    /// Nil once it is given up. Up to a tenth later than planned, so that what failed together does not come together again.
    /// - Parameters:
    ///   - attempts: made so far.
    ///   - retryAfterSeconds: what the receiver asks for.
    static func next(after attempts: Int, at now: Timestamp, retryAfterSeconds: Int64?) -> Timestamp? {
        guard attempts >= 1, attempts <= delays.count else { return nil }
        let planned = delays[attempts - 1]
        let wanted = max(planned, min(retryAfterSeconds ?? 0, longestWaitSeconds))
        let jitter = Int64.random(in: 0...max(wanted * 100_000, 1))
        return Timestamp(microseconds: now.adding(seconds: wanted).microseconds + jitter)
    }
}
