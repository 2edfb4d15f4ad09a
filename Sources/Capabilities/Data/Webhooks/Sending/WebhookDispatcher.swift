import ControlStore
public import EventStore
public import Logging
import Metrics
import Synchronization
public import Time

/// Tells receivers of the events that they subscribed to.
///
/// A subscription follows the log by a position that moves in the transaction that stores what became of its messages. So a
/// crash loses none; what was sent and not stored is sent again under the same id. Messages go one after the other; one
/// that fails waits and is sent again later, and those behind it go on. Each subscription is on its own: a slow receiver
/// holds up nobody else's.
public final class WebhookDispatcher: Sendable {
    fileprivate struct State {
        var active: [Subscription] = []
        /// As of which commit they were read.
        var commits = -1
        /// Subscriptions that are served, with their environments.
        var busy: [Int64: Int64] = [:]
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
        var seen: [Int64: (since: LogPosition, upTo: LogPosition, storedAt: Timestamp)] = [:]
    }

    private let subscriptions: SubscriptionStore
    private let deliveries: DeliveryStore
    private let log: EventStore
    private let feed: ProjectionFeed
    private let sender: WebhookSender
    private let form: any WebhookForm
    private let watch: TableWatch
    private let clock: WallClock
    private let logger: Logger
    private let state = Mutex(State())

    /// Subscriptions that are served at a time.
    private static let maximumBusy = 64
    /// Of one environment: slow receivers of one leave room for those of others.
    fileprivate static let maximumBusyOfEnvironment = 8
    /// Events of a subscription that are read at a time.
    private static let pageSize = 100
    /// Of places, how many subscriptions with slow receivers have together, in all and in one environment.
    fileprivate static let maximumSlow = 32
    fileprivate static let maximumSlowOfEnvironment = 4
    /// An answer that takes longer is slow.
    private static let slowAnswer = Duration.seconds(2)
    /// How long a subscription keeps its place, and then lets others have it.
    private static let turn = Duration.seconds(2)
    /// Messages, and bytes of them, that are sent before it is stored what became of them.
    private static let storedTogether = 20
    private static let storedBytes = 4 * 1_024 * 1_024
    /// How often is looked for what there is to tell.
    private static let interval = Duration.milliseconds(200)
    /// How long a position that moves without messages is kept in memory only.
    private static let positionSeconds: Int64 = 10
    /// What a receiver that fails again and again is left alone for at most.
    private static let longestBackoffSeconds: Int64 = 300

    /// - Parameters:
    ///   - feed: knows whose events are new.
    ///   - form: which events types stand for, and how they are told.
    public init(
        subscriptions: SubscriptionStore, deliveries: DeliveryStore, log: EventStore, feed: ProjectionFeed,
        sender: WebhookSender,
        form: any WebhookForm, clock: WallClock, logger: Logger
    ) {
        self.subscriptions = subscriptions
        self.deliveries = deliveries
        self.log = log
        self.feed = feed
        self.sender = sender
        self.form = form
        self.clock = clock
        self.logger = logger
        watch = TableWatch(subscriptions.store, tables: ["webhook_subscriptions"])
    }

    /// Tells until the task is cancelled.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            while !Task.isCancelled {
                do {
                    for subscription in try await ready() {
                        group.addTask { await self.serve(subscription) }
                    }
                } catch {
                    logger.warning("webhooks wait for their store", metadata: ["reason": "\(error)"])
                }
                try? await Task.sleep(for: Self.interval)
            }
            group.cancelAll()
        }
    }

    /// Sends a message of no event, to try a receiver.
    public func test(_ subscription: Subscription, body: [UInt8]) async throws -> (status: Int?, answer: String) {
        let attempt = try await sender.send(body, id: "msg_test_\(UInt64.random(in: 0 ... .max))", to: subscription)
        return (attempt.status, attempt.answer)
    }

    /// Subscriptions with something to send, marked as being served.
    private func ready() async throws -> [Subscription] {
        let commits = watch.count
        if state.withLock({ $0.commits != commits }) {
            let active = try await subscriptions.active()
            state.withLock { state in
                state.active = active
                state.commits = commits
            }
        }
        guard state.withLock({ !$0.active.isEmpty }) else { return [] }
        let now = clock.now
        let due = try await deliveries.due(at: now)
        let start = try await startOfLog()
        let active = state.withLock(\.active).map { ($0, seen(by: $0)) }
        return state.withLock { state in
            var ready: [Subscription] = []
            // Whoever was served longest ago comes first.
            let inTurn = active.sorted { (state.turns[$0.0.id] ?? 0) < (state.turns[$1.0.id] ?? 0) }
            for (subscription, position) in inTurn where state.busy.count < Self.maximumBusy {
                let newest = feed.newest(environmentID: subscription.environmentID) ?? start
                guard due.contains(subscription.id) || position < newest, state.hasPlace(for: subscription),
                    state.failures[subscription.id].map({
                        $0.until <= now || $0.updatedAt != subscription.updatedAt
                    }) ?? true
                else { continue }
                state.busy[subscription.id] = subscription.environmentID
                state.lastTurn += 1
                state.turns[subscription.id] = state.lastTurn
                ready.append(subscription)
            }
            return ready
        }
    }

    /// Up to where events may be anybody's.
    private func startOfLog() async throws -> LogPosition {
        if let start = state.withLock({ $0.start }) { return start }
        let end = try await log.end() ?? .start
        state.withLock { $0.start = end }
        return end
    }

    /// - Parameter chosen: as it was when it was chosen. Its turn before may have ended since, and have moved its position:
    ///   from the old one everything would be told twice.
    private func serve(_ chosen: Subscription) async {
        defer { state.withLock { _ = $0.busy.removeValue(forKey: chosen.id) } }
        do {
            let end = ContinuousClock.now + Self.turn
            let subscription = try await subscriptions.subscription(chosen.id, environmentID: chosen.environmentID)
            guard let subscription, subscription.state == .active, try await resend(subscription, until: end) else {
                return
            }
            try await follow(subscription, until: end)
        } catch is CancellationError {
            // What was sent and not stored goes out again after the next start, under its id.
        } catch {
            logger.warning(
                "a subscription waits", metadata: ["subscription": "\(chosen.id)", "reason": "\(error)"])
            backOff(chosen, retryAfterSeconds: nil)
        }
    }

    /// Sends again what is due.
    /// - Returns: false when the receiver fails, wants no more, or has had its time.
    private func resend(_ subscription: Subscription, until end: ContinuousClock.Instant) async throws -> Bool {
        // One by one: one that was removed meanwhile is not sent.
        while let delivery = try await deliveries.due(subscription.id, at: clock.now, limit: 1).first {
            guard ContinuousClock.now < end else { return false }
            var attempt = try await send(Array(delivery.body.utf8), delivery.messageID, to: subscription)
            attempt.delivery = delivery
            let goesOn = try await deliveries.store([attempt], of: subscription, position: nil, at: clock.now)
            guard took(attempt, subscription), goesOn else { return false }
        }
        return true
    }

    /// Tells of what is new in the log, for as long as its turn is.
    private func follow(_ subscription: Subscription, until turnEnd: ContinuousClock.Instant) async throws {
        var told = Telling(subscription, from: seen(by: subscription), commits: watch.count)
        while ContinuousClock.now < turnEnd, try await deliveries.hasRoom(subscription.id) {
            guard let end = try await log.end(), told.position < end else { return }
            let (page, isLast) = try await page(of: told.subscription, after: told.position, upTo: end)
            for logged in page.logged {
                guard try await isStillWanted(&told) else { return }
                let isTaken = try await tell(logged, &told)
                if !isTaken || told.isFull || ContinuousClock.now >= turnEnd {
                    guard try await store(&told), isTaken else { return }
                    if ContinuousClock.now >= turnEnd { return }
                }
            }
            // Behind a page that is not full there is nothing.
            if isLast { told.position = end }
            guard try await store(&told) else { return }
        }
    }

    /// What was told in a turn and is not stored yet.
    private struct Telling {
        /// As it was when its position was stored last.
        var subscription: Subscription
        var position: LogPosition
        /// As of which commit the subscription is known.
        var commits: Int
        var attempts: [DeliveryAttempt] = []

        init(_ subscription: Subscription, from position: LogPosition, commits: Int) {
            self.subscription = subscription
            self.position = position
            self.commits = commits
        }

        var isFull: Bool {
            attempts.count >= storedTogether || attempts.reduce(0) { $0 + $1.body.count } >= storedBytes
        }
    }

    /// Sends what there is to say of an event.
    /// - Returns: false when the receiver did not take it.
    private func tell(_ logged: LoggedEvent, _ told: inout Telling) async throws -> Bool {
        let (event, subscription) = (logged.event, told.subscription)
        let (user, company) = (event[.userID], event[.companyID])
        let isRemoved = deliveries.wasRemoved(
            user: user, company: company, environmentID: subscription.environmentID)
        let body = isRemoved ? nil : try await form.body(of: logged, for: subscription)
        defer { told.position = LogPosition(after: logged.identifier) }
        guard let body else { return true }
        let id = "msg_\(logged.identifier)_\(subscription.id)"
        var attempt = try await send(body, id, to: subscription)
        attempt.messageID = id
        attempt.body = body
        (attempt.userID, attempt.companyID) = (user, company)
        told.attempts.append(attempt)
        return took(attempt, subscription)
    }

    private func send(_ body: [UInt8], _ id: String, to subscription: Subscription) async throws -> DeliveryAttempt {
        let start = ContinuousClock.now
        let attempt = try await sender.send(body, id: id, to: subscription)
        let isSlow = ContinuousClock.now - start > Self.slowAnswer
        state.withLock { state in
            if isSlow { state.slow.insert(subscription.id) } else { state.slow.remove(subscription.id) }
        }
        return attempt
    }

    /// Whether nobody has paused, changed or deleted it meanwhile. What was told before is stored first.
    private func isStillWanted(_ told: inout Telling) async throws -> Bool {
        let commits = watch.count
        if commits == told.commits { return true }
        told.commits = commits
        let known = told.subscription
        let now = try await subscriptions.subscription(known.id, environmentID: known.environmentID)
        if let now, now.state == .active, now.position == known.position, now.callbackURL == known.callbackURL {
            told.subscription = now
            return true
        }
        _ = try await store(&told)
        return false
    }

    /// Stores what was told; the telling goes on from there.
    /// - Returns: false when the subscription is no longer what it was.
    private func store(_ told: inout Telling) async throws -> Bool {
        let goesOn = try await store(told.attempts, of: told.subscription, told.position)
        if !told.attempts.isEmpty { told.subscription = told.subscription.moved(to: told.position) }
        told.attempts = []
        return goesOn
    }

    /// Events of a subscription, and whether there are none behind them: so when the page is not full.
    private func page(
        of subscription: Subscription, after start: LogPosition, upTo end: LogPosition
    ) async throws -> (page: EventList.Page, isLast: Bool) {
        let selection = form.selection(of: subscription.eventType)
        var list = EventList(
            environmentID: subscription.environmentID, types: selection.types,
            span: Timestamp.earliest..<Timestamp.latest, upTo: end)
        list.alternatives = selection.alternatives
        for limit in [Self.pageSize, Self.pageSize / 10] {
            do {
                let page = try await log.page(of: list, behind: start, limit: limit)
                return (page, page.identifiers.count < limit)
            } catch is EventListError {
                // Large ones are read few at a time.
                continue
            }
        }
        let page = try await log.page(of: list, behind: start, limit: 1)
        return (page, page.identifiers.isEmpty)
    }

    /// Where a position moves though nothing was sent, it is stored now and then only: many do with each event of others.
    private func store(
        _ attempts: [DeliveryAttempt], of subscription: Subscription, _ position: LogPosition
    ) async throws -> Bool {
        let now = clock.now
        guard attempts.isEmpty else {
            let goesOn = try await deliveries.store(attempts, of: subscription, position: position, at: now)
            try await deliveries.prune(subscription.id)
            return goesOn
        }
        let isDue = state.withLock { state in
            let stored = state.seen[subscription.id].map(\.storedAt) ?? now
            let isDue = now >= stored.adding(seconds: Self.positionSeconds)
            state.seen[subscription.id] = (subscription.position, position, isDue ? now : stored)
            return isDue
        }
        if isDue { _ = try await deliveries.store([], of: subscription, position: position, at: now) }
        return !isDue
    }

    /// Up to where there was nothing to tell.
    private func seen(by subscription: Subscription) -> LogPosition {
        state.withLock { state in
            // A position that somebody has moved is followed from there.
            guard let seen = state.seen[subscription.id], seen.since == subscription.position else {
                return subscription.position
            }
            return max(seen.upTo, subscription.position)
        }
    }

    /// - Returns: false when the receiver did not take it.
    private func took(_ attempt: DeliveryAttempt, _ subscription: Subscription) -> Bool {
        Counter(label: "sextant_webhook_attempts_total", dimensions: [("outcome", "\(attempt.outcome)")]).increment()
        guard attempt.outcome != .delivered else {
            state.withLock { _ = $0.failures.removeValue(forKey: subscription.id) }
            return true
        }
        backOff(subscription, retryAfterSeconds: attempt.retryAfterSeconds)
        return false
    }

    /// Leaves a receiver alone for a while: longer the more often it has failed.
    private func backOff(_ subscription: Subscription, retryAfterSeconds: Int64?) {
        let now = clock.now
        state.withLock { state in
            let count = (state.failures[subscription.id]?.count ?? 0) + 1
            let seconds = min(Int64(1) << Int64(min(count - 1, 20)), Self.longestBackoffSeconds)
            let wanted = min(max(seconds, retryAfterSeconds ?? 0), DeliverySchedule.longestWaitSeconds)
            state.failures[subscription.id] = (count, now.adding(seconds: wanted), subscription.updatedAt)
        }
    }
}

extension WebhookDispatcher.State {
    /// Whether a subscription may be served beside those that are.
    fileprivate func hasPlace(for subscription: Subscription) -> Bool {
        guard busy[subscription.id] == nil else { return false }
        let others = busy.filter { $0.value == subscription.environmentID }.keys
        guard others.count < WebhookDispatcher.maximumBusyOfEnvironment else { return false }
        guard slow.contains(subscription.id) else { return true }
        return others.count(where: slow.contains) < WebhookDispatcher.maximumSlowOfEnvironment
            && busy.keys.count(where: slow.contains) < WebhookDispatcher.maximumSlow
    }
}

extension EventList.Page {
    fileprivate var logged: [LoggedEvent] {
        events.indices.map {
            LoggedEvent(event: events[$0], identifier: identifiers[$0], receivedAt: receivedAt[$0])
        }
    }
}

extension Subscription {
    fileprivate func moved(to position: LogPosition) -> Subscription {
        Subscription(
            id: id, environmentID: environmentID, name: name, callbackURL: callbackURL, eventType: eventType,
            state: state, reason: reason, position: position, secretVersion: secretVersion,
            secretRotatedAt: secretRotatedAt, createdAt: createdAt, updatedAt: updatedAt)
    }
}
