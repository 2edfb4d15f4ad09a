import ControlStore
import EventStore
import Metrics
import Synchronization
import Text
import Time

/// One turn of a subscription: what is due is sent again, then it is told what is new, for as long as the turn lasts.
struct WebhookTurn: Sendable {
    private let dispatcher: WebhookDispatcher
    /// As it was when it was chosen. Its turn before may have ended since, and have moved its position: from the old one
    /// everything would be told twice.
    private let chosen: Subscription
    private let end = ContinuousClock.now + length

    /// How long a subscription keeps its place, and then lets others have it.
    private static let length = Duration.seconds(2)
    /// Events of a subscription that are read at a time.
    private static let pageSize = 100
    /// An answer that takes longer is slow.
    private static let slowAnswer = Duration.seconds(2)
    /// Messages, and bytes of them, that are sent before it is stored what became of them.
    private static let storedTogether = 20
    private static let mostStoredTogether = 200
    private static let storedEvery = Duration.milliseconds(200)
    private static let storedBytes = 4 * 1_024 * 1_024

    private var deliveries: DeliveryStore { dispatcher.deliveries }
    private var clock: WallClock { dispatcher.clock }
    private var isOver: Bool { ContinuousClock.now >= end }

    init(_ dispatcher: WebhookDispatcher, _ chosen: Subscription) {
        self.dispatcher = dispatcher
        self.chosen = chosen
    }

    func run() async throws {
        let subscription = try await dispatcher.subscriptions.subscription(
            chosen.id, environmentID: chosen.environmentID)
        guard let subscription, subscription.state == .active, try await resend(subscription) else { return }
        try await follow(subscription)
    }

    /// Sends again what is due.
    /// - Returns: false when the receiver fails, wants no more, or has had its time.
    private func resend(_ subscription: Subscription) async throws -> Bool {
        // One by one: one that was removed meanwhile is not sent.
        while let delivery = try await deliveries.due(subscription.id, at: clock.now, limit: 1).first {
            guard !isOver else { return false }
            var attempt = try await send(Array(delivery.body.utf8), delivery.messageID, to: subscription)
            attempt.delivery = delivery
            let goesOn = try await deliveries.store([attempt], of: subscription, position: nil, at: clock.now)
            guard took(attempt, subscription), goesOn else { return false }
        }
        return true
    }

    /// Tells of what is new, for as long as the turn is.
    private func follow(_ subscription: Subscription) async throws {
        let source = dispatcher.form.source(of: subscription.eventType)
        var told = Telling(
            subscription, from: dispatcher.state.withLock { $0.position(of: subscription) },
            commits: dispatcher.watch.count)
        while !isOver, try await deliveries.hasRoom(subscription.id),
            let page = try await page(of: told.subscription, source, behind: told.position)
        {
            for subject in page.subjects {
                guard try await isStillWanted(&told) else { return }
                let isTaken = try await tell(subject, &told)
                if !isTaken || told.isFull || isOver {
                    guard try await store(&told), isTaken else { return }
                    if isOver { return }
                }
            }
            told.position = page.upTo
            guard try await store(&told) else { return }
        }
    }

    /// What was told in a turn and is not stored yet.
    private struct Telling {
        /// As it was when its position was stored last.
        var subscription: Subscription
        var position: WebhookPosition
        /// As of which commit the subscription is known.
        var commits: Int
        var attempts: [DeliveryAttempt] = []
        var storedAt = ContinuousClock.now

        init(_ subscription: Subscription, from position: WebhookPosition, commits: Int) {
            self.subscription = subscription
            self.position = position
            self.commits = commits
        }

        var isFull: Bool {
            guard attempts.count >= storedTogether else {
                return attempts.reduce(0) { $0 + $1.body.count } >= storedBytes
            }
            // All share one writer: whoever sends fast stores more at a time.
            return attempts.count >= mostStoredTogether || ContinuousClock.now - storedAt >= storedEvery
        }
    }

    /// Sends what there is to say of something.
    /// - Returns: false when the receiver did not take it.
    private func tell(_ subject: WebhookSubject, _ told: inout Telling) async throws -> Bool {
        let subscription = told.subscription
        let people = subject.people
        let id = subject.messageID(for: subscription)
        let isRemoved = deliveries.wasRemoved(
            user: people.user, company: people.company, environmentID: subscription.environmentID, message: id)
        let body = isRemoved ? nil : try await body(of: subject, for: subscription)
        defer { told.position = subject.behind(told.position) }
        guard let body else { return true }
        var attempt = try await send(body, id, to: subscription)
        attempt.messageID = id
        attempt.body = body
        (attempt.userID, attempt.companyID) = people
        told.attempts.append(attempt)
        return took(attempt, subscription)
    }

    private func body(of subject: WebhookSubject, for subscription: Subscription) async throws -> [UInt8]? {
        switch subject {
        case .event(let logged): try await dispatcher.form.body(of: logged, for: subscription)
        case .announcement(let announcement): dispatcher.form.body(of: announcement, for: subscription)
        }
    }

    private func send(_ body: [UInt8], _ id: String, to subscription: Subscription) async throws -> DeliveryAttempt {
        let start = ContinuousClock.now
        let attempt = try await dispatcher.sender.send(body, id: id, to: subscription)
        let isSlow = ContinuousClock.now - start > Self.slowAnswer
        dispatcher.state.withLock { state in
            if isSlow { state.slow.insert(subscription.id) } else { state.slow.remove(subscription.id) }
        }
        return attempt
    }

    /// Whether nobody has paused, changed or deleted it meanwhile. What was told before is stored first.
    private func isStillWanted(_ told: inout Telling) async throws -> Bool {
        let commits = dispatcher.watch.count
        if commits == told.commits { return true }
        told.commits = commits
        let known = told.subscription
        let now = try await dispatcher.subscriptions.subscription(known.id, environmentID: known.environmentID)
        if let now, now.state == .active, now.position == known.position,
            now.callbackURL.hasSameBytes(as: known.callbackURL)
        {
            told.subscription = now
            return true
        }
        _ = try await store(&told)
        return false
    }

    /// Stores what was told; the telling goes on from there. Where a position moves though nothing was sent, it is stored
    /// now and then only: many do with each event of others.
    /// - Returns: false when the subscription is no longer what it was.
    private func store(_ told: inout Telling) async throws -> Bool {
        let (subscription, position, now) = (told.subscription, told.position, clock.now)
        guard told.attempts.isEmpty else {
            let attempts = told.attempts
            let goesOn = try await deliveries.store(attempts, of: subscription, position: position, at: now)
            told.subscription = subscription.moved(to: position)
            told.attempts = []
            told.storedAt = .now
            let isMuch = dispatcher.state.withLock { state in
                if goesOn { state.store(subscription, position, at: now) }
                return state.count(attempts, of: subscription)
            }
            if isMuch { try await deliveries.prune(subscription.id) }
            return goesOn
        }
        let isDue = dispatcher.state.withLock {
            $0.pass(subscription, upTo: position, storingAfter: WebhookDispatcher.positionSeconds, at: now)
        }
        if isDue { try await deliveries.move([(subscription, position)]) }
        // It goes on from what is stored.
        return !isDue
    }

    /// - Returns: false when the receiver did not take it.
    private func took(_ attempt: DeliveryAttempt, _ subscription: Subscription) -> Bool {
        Counter(label: "sextant_webhook_attempts_total", dimensions: [("outcome", "\(attempt.outcome)")]).increment()
        let now = clock.now
        return dispatcher.state.withLock { state in
            guard attempt.outcome != .delivered else {
                state.failures[subscription.id] = nil
                return true
            }
            state.backOff(subscription, retryAfterSeconds: attempt.retryAfterSeconds, at: now)
            return false
        }
    }
}

extension WebhookTurn {
    /// What comes next; nil when there is nothing now.
    private func page(
        of subscription: Subscription, _ source: WebhookSource, behind position: WebhookPosition
    ) async throws -> WebhookPage? {
        switch source {
        case .announcements(let kind): try await page(of: subscription, kind, behind: position)
        case .log(let selection):
            switch dispatcher.recent.events(of: subscription, behind: position.log) {
            case .events(let events, let end):
                end == position.log
                    ? nil : WebhookPage(subjects: events.map { .event($0) }, upTo: position.moved(to: end))
            case .tooEarly: try await page(of: subscription, selection, behind: position)
            }
        }
    }

    /// Out of the log, for it alone.
    private func page(
        of subscription: Subscription, _ selection: WebhookSelection, behind position: WebhookPosition
    ) async throws -> WebhookPage? {
        guard let end = try await dispatcher.log.end(), position.log < end else { return nil }
        var list = EventList(
            environmentID: subscription.environmentID, types: selection.types,
            span: Timestamp.earliest..<Timestamp.latest, upTo: end)
        list.alternatives = selection.alternatives
        let (page, isLast) = try await dispatcher.log.page(of: list, behind: position.log, upTo: Self.pageSize)
        let last = isLast ? end : page.identifiers.last.map(LogPosition.init(after:)) ?? end
        return WebhookPage(subjects: page.logged.map { .event($0) }, upTo: position.moved(to: last))
    }

    private func page(
        of subscription: Subscription, _ kind: Announcement.Kind, behind position: WebhookPosition
    ) async throws -> WebhookPage? {
        try await dispatcher.subscriptions.store.read { database in
            let found = try Announcement.page(
                kind, environmentID: subscription.environmentID, behind: position.announcement, limit: Self.pageSize,
                from: database)
            let newest = try Announcement.newest(kind, environmentID: subscription.environmentID, from: database) ?? 0
            var upTo = position
            // What cannot be read is passed.
            upTo.announcement = found.count < Self.pageSize ? newest : found.last?.id ?? newest
            guard upTo.announcement > position.announcement else { return nil }
            return WebhookPage(subjects: found.map { .announcement($0) }, upTo: upTo)
        }
    }
}

extension WebhookPosition {
    fileprivate func moved(to log: LogPosition) -> WebhookPosition {
        WebhookPosition(log: log, announcement: announcement)
    }
}

extension Subscription {
    fileprivate func moved(to position: WebhookPosition) -> Subscription {
        Subscription(
            id: id, environmentID: environmentID, name: name, callbackURL: callbackURL, eventType: eventType,
            state: state, reason: reason, position: position, secretVersion: secretVersion,
            secretRotatedAt: secretRotatedAt, createdAt: createdAt, updatedAt: updatedAt)
    }
}
