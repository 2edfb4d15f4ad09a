import ControlStore
import EventStore
import Time

/// What became of an attempt to send a message.
struct DeliveryAttempt: Sendable {
    enum Outcome: Equatable, Sendable {
        case delivered
        /// To be tried again.
        case refused
        /// The receiver wants no more.
        case gone
    }

    let outcome: Outcome
    let status: Int?
    let answer: String
    let retryAfterSeconds: Int64?
    /// The message that was sent again; nil for a new one.
    var delivery: Delivery?
    var messageID = ""
    var userID: String?
    var companyID: String?
    var body: [UInt8] = []

    init(_ outcome: Outcome, status: Int?, answer: String, retryAfterSeconds: Int64? = nil) {
        self.outcome = outcome
        self.status = status
        self.answer = answer
        self.retryAfterSeconds = retryAfterSeconds
    }

    func write(to database: Database, of subscription: Subscription, at now: Timestamp) throws {
        let attempts = (delivery?.attempts ?? 0) + 1
        let next =
            outcome == .refused
            ? DeliverySchedule.next(after: attempts, at: now, retryAfterSeconds: retryAfterSeconds) : nil
        let state: Delivery.State = outcome == .delivered ? .delivered : (next == nil ? .failed : .waiting)
        if let delivery {
            // One that somebody has removed meanwhile stays removed.
            try database.execute(
                prepared: """
                    UPDATE webhook_deliveries
                    SET state = ?, attempts = ?, next_attempt_at = ?, attempted_at = ?, status = ?, answer = ?
                    WHERE id = ?
                    """,
                arguments: [state.rawValue, attempts, next, now, status, answer, delivery.id])
            return
        }
        try database.execute(
            prepared: """
                INSERT INTO webhook_deliveries (
                    subscription_id, environment_id, message_id, event_type, user_id, company_id, state, body, byte_count, attempts,
                    next_attempt_at, created_at, attempted_at, status, answer)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                subscription.id, subscription.environmentID, messageID, subscription.eventType, userID, companyID,
                state.rawValue, String(decoding: body, as: UTF8.self), body.count, attempts, next, now, now, status,
                answer,
            ])
    }
}
