import EventStore
import Time

/// What the dispatcher knows of subscriptions from one turn to the next.
struct DispatcherState {
    /// A subscription with where its events come from.
    struct Followed: Sendable {
        let subscription: Subscription
        let source: WebhookSource
    }

    /// Those that are active.
    var active: [Followed] = []
    /// As of which commit they were read.
    var commits = -1
    /// Subscriptions that are served, with their environments.
    var busy: [Int64: Int64] = [:]
    /// Those that have something to be sent and no place yet, in turn.
    var waiting: [Subscription] = []
    /// Where the log ended at first: whose events are older is not known.
    var start: LogPosition?
    /// How often the last attempts failed in a row, and until when nothing is sent.
    /// Forgotten once somebody has changed the subscription since.
    var failures: [Int64: (count: Int, until: Timestamp, updatedAt: Timestamp)] = [:]
    /// Whose receivers take long to answer.
    var slow: Set<Int64> = []
    /// In which turn a subscription was served last.
    var turns: [Int64: Int] = [:]
    var lastTurn = 0
    /// Up to where subscriptions have come, and when that was stored last. It holds as long as nobody changes one.
    private var reached: [Int64: Reached] = [:]
    /// What was stored of deliveries since old ones were removed.
    private var unpruned: [Int64: (count: Int, bytes: Int)] = [:]

    private struct Reached {
        let updatedAt: Timestamp
        let position: WebhookPosition
        let storedAt: Timestamp
    }

    /// Subscriptions that are served at a time.
    private static let maximumBusy = 64
    /// Of one environment: slow receivers of one leave room for those of others.
    private static let maximumBusyOfEnvironment = 8
    /// Of places, how many subscriptions with slow receivers have together, in all and in one environment.
    private static let maximumSlow = 32
    private static let maximumSlowOfEnvironment = 4
    /// What a receiver that fails again and again is left alone for at most.
    private static let longestBackoffSeconds: Int64 = 300

    /// Deliveries that are kept beyond those that should be, and bytes of them.
    private static let maximumUnpruned = 100
    private static let maximumUnprunedBytes = 1_024 * 1_024

    /// Whoever was served longest ago comes first.
    mutating func queue(_ subscriptions: [Subscription]) {
        waiting = subscriptions.sorted { (turns[$0.id] ?? 0) < (turns[$1.id] ?? 0) }
    }

    /// Gives the next one that waits a place; nil when none may have one.
    mutating func takeNext() -> Subscription? {
        guard busy.count < Self.maximumBusy, let index = waiting.firstIndex(where: { hasPlace(for: $0) }) else {
            return nil
        }
        let subscription = waiting.remove(at: index)
        busy[subscription.id] = subscription.environmentID
        lastTurn += 1
        turns[subscription.id] = lastTurn
        return subscription
    }

    /// Whether a subscription may be served beside those that are.
    private func hasPlace(for subscription: Subscription) -> Bool {
        guard busy[subscription.id] == nil else { return false }
        let others = busy.filter { $0.value == subscription.environmentID }.keys
        guard others.count < Self.maximumBusyOfEnvironment else { return false }
        guard slow.contains(subscription.id) else { return true }
        return others.count(where: slow.contains) < Self.maximumSlowOfEnvironment
            && busy.keys.count(where: slow.contains) < Self.maximumSlow
    }

    /// Whether its receiver is left alone for now.
    func isBackedOff(_ subscription: Subscription, at now: Timestamp) -> Bool {
        guard let failure = failures[subscription.id], failure.updatedAt == subscription.updatedAt else { return false }
        return failure.until > now
    }

    /// Leaves a receiver alone for a while: longer the more often it has failed.
    mutating func backOff(_ subscription: Subscription, retryAfterSeconds: Int64?, at now: Timestamp) {
        let count = (failures[subscription.id]?.count ?? 0) + 1
        let seconds = min(Int64(1) << Int64(min(count - 1, 20)), Self.longestBackoffSeconds)
        let wanted = min(max(seconds, retryAfterSeconds ?? 0), DeliverySchedule.longestWaitSeconds)
        failures[subscription.id] = (count, now.adding(seconds: wanted), subscription.updatedAt)
    }

    /// Up to where a subscription has come.
    func position(of subscription: Subscription) -> WebhookPosition {
        // A position that somebody has moved is followed from there.
        guard let reached = reached[subscription.id], reached.updatedAt == subscription.updatedAt else {
            return subscription.position
        }
        return reached.position.furthest(subscription.position)
    }

    /// Notes that a position is stored.
    mutating func store(_ subscription: Subscription, _ position: WebhookPosition, at now: Timestamp) {
        reached[subscription.id] = Reached(updatedAt: subscription.updatedAt, position: position, storedAt: now)
    }

    /// Counts deliveries that were stored.
    /// - Returns: whether old ones are to be removed by now.
    mutating func count(_ attempts: [DeliveryAttempt], of subscription: Subscription) -> Bool {
        var known = unpruned[subscription.id] ?? (0, 0)
        known.count += attempts.count
        known.bytes += attempts.reduce(0) { $0 + $1.body.count }
        let isMuch = known.count >= Self.maximumUnpruned || known.bytes >= Self.maximumUnprunedBytes
        unpruned[subscription.id] = isMuch ? nil : known
        return isMuch
    }

    /// Notes that there was nothing to tell up to a position.
    /// - Parameter seconds: how long such a position is kept in memory only.
    /// - Returns: whether it is to be stored by now.
    mutating func pass(
        _ subscription: Subscription, upTo position: WebhookPosition, storingAfter seconds: Int64, at now: Timestamp
    ) -> Bool {
        let stored = reached[subscription.id].map(\.storedAt) ?? now
        let isDue = now >= stored.adding(seconds: seconds)
        store(subscription, position, at: isDue ? now : stored)
        return isDue
    }

    /// Forgets subscriptions that are active no more.
    mutating func keep(_ ids: Set<Int64>) {
        failures = failures.filter { ids.contains($0.key) }
        slow.formIntersection(ids)
        turns = turns.filter { ids.contains($0.key) }
        reached = reached.filter { ids.contains($0.key) }
        unpruned = unpruned.filter { ids.contains($0.key) }
    }
}
