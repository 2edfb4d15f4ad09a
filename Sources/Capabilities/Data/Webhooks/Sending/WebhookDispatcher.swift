import ControlStore
public import EventStore
public import Logging
import Synchronization
public import Time

/// Tells receivers of what they subscribed to: events of the log, and announcements.
///
/// A subscription has a position that moves in the transaction that stores what became of its messages. So a
/// crash loses none; what was sent and not stored is sent again under the same id. Messages go one after the other; one
/// that fails waits and is sent again later, and those behind it go on. Each subscription is on its own: a slow receiver
/// holds up nobody else's.
public final class WebhookDispatcher: Sendable {
    let subscriptions: SubscriptionStore
    let deliveries: DeliveryStore
    let log: EventStore
    let sender: WebhookSender
    let form: any WebhookForm
    let recent: RecentEvents
    /// Whether subscriptions were changed; how far they have come does not count.
    let watch: TableWatch
    let clock: WallClock
    let state = Mutex(DispatcherState())
    private let feed: ProjectionFeed
    private let announcements: AnnouncementWatch
    private let logger: Logger

    /// How often is looked for what there is to tell.
    private static let interval = Duration.milliseconds(200)
    /// How long a position that moves without messages is kept in memory only.
    static let positionSeconds: Int64 = 10
    /// How often old announcements are removed.
    private static let removalInterval = Duration.seconds(3_600)

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
        recent = RecentEvents(log: log, form: form)
        announcements = AnnouncementWatch(store: subscriptions.store)
        watch = TableWatch(
            subscriptions.store, tables: ["webhook_subscriptions"], except: ["position", "announcement_id"])
    }

    /// Tells until the task is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            var removal = ContinuousClock.now
            while !Task.isCancelled {
                do {
                    for subscription in try await ready() {
                        group.addTask { await self.serve(startingWith: subscription) }
                    }
                    if ContinuousClock.now >= removal {
                        removal = .now + Self.removalInterval
                        try await announcements.removeOld(at: clock.now)
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
        try await readSubscriptions()
        let active = state.withLock(\.active)
        guard !active.isEmpty else { return [] }
        let now = clock.now
        let due = try await deliveries.due(at: now)
        let start = try await startOfLog()
        try await readNews(of: active, since: start)
        var passed: [(subscription: Subscription, to: WebhookPosition)] = []
        let ready = state.withLock { state in
            var waiting: [Subscription] = []
            for followed in active where state.busy[followed.subscription.id] == nil {
                let subscription = followed.subscription
                let position = state.position(of: subscription)
                let isDue = due.contains(subscription.id)
                switch news(for: followed, behind: position, since: start) {
                case .some: break
                case .nothing: if !isDue { continue }
                case .nothingUpTo(let end):
                    // One that is about to be served stores its position itself.
                    if isDue { break }
                    let isStored = state.pass(
                        subscription, upTo: end, storingAfter: Self.positionSeconds, at: now)
                    if isStored { passed.append((subscription, end)) }
                    continue
                }
                if !state.isBackedOff(subscription, at: now) { waiting.append(subscription) }
            }
            state.queue(waiting)
            var ready: [Subscription] = []
            while let next = state.takeNext() { ready.append(next) }
            return ready
        }
        if !passed.isEmpty { try await deliveries.move(passed) }
        return ready
    }

    private func readSubscriptions() async throws {
        let commits = watch.count
        guard state.withLock({ $0.commits != commits }) else { return }
        let active = try await subscriptions.active().map {
            DispatcherState.Followed(subscription: $0, source: form.source(of: $0.eventType))
        }
        state.withLock { state in
            state.active = active
            state.commits = commits
            state.keep(Set(active.map(\.subscription.id)))
        }
    }

    /// Has in memory what is new in the log and among announcements.
    private func readNews(of active: [DispatcherState.Followed], since start: LogPosition) async throws {
        var followers: [(subscription: Subscription, position: LogPosition)] = []
        var announced: Set<AnnouncementWatch.Subject> = []
        for followed in active {
            let subscription = followed.subscription
            switch followed.source {
            case .log: followers.append((subscription, state.withLock { $0.position(of: subscription) }.log))
            case .announcements(let kind):
                announced.insert(AnnouncementWatch.Subject(kind: kind, environmentID: subscription.environmentID))
            }
        }
        try await announcements.catchUp(announced)
        for error in try await recent.catchUp(followers, newest: { feed.newest(environmentID: $0) ?? start }) {
            logger.warning("webhooks of an environment wait for the log", metadata: ["reason": "\(error)"])
        }
    }

    private enum News {
        case some
        case nothing
        case nothingUpTo(WebhookPosition)
    }

    private func news(
        for followed: DispatcherState.Followed, behind position: WebhookPosition, since start: LogPosition
    ) -> News {
        let subscription = followed.subscription
        switch followed.source {
        case .announcements(let kind):
            let subject = AnnouncementWatch.Subject(kind: kind, environmentID: subscription.environmentID)
            return announcements.newest(subject) > position.announcement ? .some : .nothing
        case .log:
            let environmentID = subscription.environmentID
            guard position.log < feed.newest(environmentID: environmentID) ?? start else { return .nothing }
            guard let isAny = recent.hasEvents(of: subscription, behind: position.log), !isAny else { return .some }
            guard let end = recent.end(environmentID: environmentID), position.log < end else { return .nothing }
            return .nothingUpTo(WebhookPosition(log: end, announcement: position.announcement))
        }
    }

    /// Up to where events may be anybody's.
    private func startOfLog() async throws -> LogPosition {
        if let start = state.withLock({ $0.start }) { return start }
        let end = try await log.end() ?? .start
        state.withLock { $0.start = end }
        return end
    }

    /// Serves a subscription, and then others that wait for the place.
    private func serve(startingWith first: Subscription) async {
        var next: Subscription? = first
        while let subscription = next {
            do {
                try await WebhookTurn(self, subscription).run()
            } catch is CancellationError {
                // What was sent and not stored goes out again after the next start, under its id.
            } catch {
                logger.warning(
                    "a subscription waits", metadata: ["subscription": "\(subscription.id)", "reason": "\(error)"])
                let now = clock.now
                state.withLock { $0.backOff(subscription, retryAfterSeconds: nil, at: now) }
            }
            next = state.withLock { state in
                state.busy[subscription.id] = nil
                return Task.isCancelled ? nil : state.takeNext()
            }
        }
    }
}
