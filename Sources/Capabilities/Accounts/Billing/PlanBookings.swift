public import ControlStore
public import JSON
public import Jobs
public import Time

/// Books the plans that somebody has chosen along with how an account pays, once the payment provider says that this is set up:
/// the provider's page tells the provider alone, so it is asked again and again.
public struct PlanBookings: JobHandler {
    public static let kind = "plan_booking"
    /// Some two days, for a provider that is out of reach.
    public static let retry = JobRetryPolicy(maximumFailures: 200, firstDelaySeconds: 5, longestDelaySeconds: 900)

    /// Books plans for an account, inside a transaction.
    public typealias Booking =
        @Sendable (
            _ plans: [Int64], _ accountID: Int64, _ reference: String, _ at: Timestamp, _ database: Database
        ) throws -> Void

    private static let shortestSeconds: Int64 = 2
    private static let longestSeconds: Int64 = 900
    /// Whoever has not paid by then begins anew.
    private static let lifetimeSeconds: Int64 = 2 * 86_400
    /// Set-ups that may be waited for, of all accounts: each is asked for every 15 minutes at most.
    private static let mostWaiting = 1_000

    private let jobs: JobStore
    private let store: ControlStore
    private let stripe: StripeClient?
    private let book: Booking
    private let clock: WallClock

    public init(
        jobs: JobStore, store: ControlStore, _ configuration: StripeClient.Configuration?, clock: WallClock,
        book: @escaping Booking
    ) {
        self.jobs = jobs
        self.store = store
        stripe = configuration.map(StripeClient.init)
        self.clock = clock
        self.book = book
    }

    /// Waits for a set-up to be done.
    /// - Throws: `JobError` when too many are waited for.
    func wait(for intent: String, of accountID: Int64, plans: [Int64]) async throws {
        let now = clock.now
        try await enqueue(
            PlanBookingOrder(intent: intent, accountID: accountID, plans: plans, startedAt: now), at: now,
            mostWaiting: Self.mostWaiting)
    }

    public func run(_ order: PlanBookingOrder, _ context: JobContext) async throws {
        guard let stripe else { throw PermanentJobFailure("There is no payment provider any more.") }
        let intent: JSONValue
        do {
            intent = try await stripe.get("/v1/setup_intents/\(order.intent)")
        } catch PaymentError.refused(let status, let reason) where (400..<500).contains(status) {
            throw PermanentJobFailure("The payment provider refuses (\(status)): \(reason ?? "it gives no reason")")
        }
        let now = clock.now
        switch intent["status"]?.string {
        case "succeeded":
            try await store.write { try book(order.plans, order.accountID, order.intent, now, $0) }
        case "canceled":
            return
        default:
            let age = now.seconds - order.startedAt.seconds
            if age < Self.lifetimeSeconds { try await enqueue(order, at: now) }
        }
    }

    /// The longer it takes, the less often it is asked.
    private func enqueue(_ order: PlanBookingOrder, at now: Timestamp, mostWaiting: Int? = nil) async throws {
        let age = now.seconds - order.startedAt.seconds
        let delay = min(max(age / 2, Self.shortestSeconds), Self.longestSeconds)
        try await jobs.enqueue(
            NewJob(
                kind: Self.kind, environmentID: nil, holder: .server, payload: order,
                runAt: now.adding(seconds: delay), mostWaiting: mostWaiting))
    }
}

/// What is booked once a set-up is done.
public struct PlanBookingOrder: JobPayload {
    /// As the provider names the set-up.
    let intent: String
    let accountID: Int64
    let plans: [Int64]
    let startedAt: Timestamp

    init(intent: String, accountID: Int64, plans: [Int64], startedAt: Timestamp) {
        self.intent = intent
        self.accountID = accountID
        self.plans = plans
        self.startedAt = startedAt
    }

    public init?(_ job: Job) {
        guard let intent = job.payload["intent"]?.string, let accountID = job.payload["account_id"]?.int64,
            let plans = job.payload["plans"]?.array?.compactMap(\.int64),
            let startedAt = job.payload["started_at"]?.int64
        else { return nil }
        self.init(
            intent: intent, accountID: accountID, plans: plans, startedAt: Timestamp(microseconds: startedAt))
    }

    public var json: JSONValue {
        [
            "intent": .string(intent), "account_id": .integer(accountID),
            "plans": .array(plans.map { .integer($0) }), "started_at": .integer(startedAt.microseconds),
        ]
    }
}
