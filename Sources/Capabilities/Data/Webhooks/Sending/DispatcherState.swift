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
    /// Up to where there was nothing to tell since the position that is stored.
    var seen: [Int64: (since: WebhookPosition, upTo: WebhookPosition, storedAt: Timestamp)] = [:]

    /// Subscriptions that are served at a time.
    private static let maximumBusy = 64
    /// Of one environment: slow receivers of one leave room for those of others.
    private static let maximumBusyOfEnvironment = 8
    /// Of places, how many subscriptions with slow receivers have together, in all and in one environment.
    private static let maximumSlow = 32
    private static let maximumSlowOfEnvironment = 4
    /// What a receiver that fails again and again is left alone for at most.
    private static let longestBackoffSeconds: Int64 = 300

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
        guard let seen = seen[subscription.id], seen.since == subscription.position else {
            return subscription.position
        }
        return seen.upTo.furthest(subscription.position)
    }

    /// Notes that there was nothing to tell up to a position.
    /// - Parameter seconds: how long such a position is kept in memory only.
    /// - Returns: whether it is to be stored by now.
    mutating func pass(
        _ subscription: Subscription, upTo position: WebhookPosition, storingAfter seconds: Int64, at now: Timestamp
    ) -> Bool {
        let stored = seen[subscription.id].map(\.storedAt) ?? now
        let isDue = now >= stored.adding(seconds: seconds)
        seen[subscription.id] = (subscription.position, position, isDue ? now : stored)
        return isDue
    }

    /// Forgets subscriptions that are active no more.
    mutating func keep(_ ids: Set<Int64>) {
        failures = failures.filter { ids.contains($0.key) }
        slow.formIntersection(ids)
        turns = turns.filter { ids.contains($0.key) }
        seen = seen.filter { ids.contains($0.key) }
    }
}
