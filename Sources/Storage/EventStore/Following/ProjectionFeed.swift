public import Logging
import Synchronization

/// Carries committed events to the projections, in log order, in the background.
///
/// First it reads back from the log what was committed and not projected when the process last ended; what is committed
/// meanwhile is read back, too. From then on memory holds what is committed but not yet projected; past a limit the
/// writer turns new events away, so a slow projection slows the senders down instead of filling the memory.
public final class ProjectionFeed: Sendable {
    struct State {
        var events: [CommittedEvents] = []
        var byteCount = 0
        /// How many they are, with those that are being projected.
        var eventCount = 0
        /// Since when the oldest of them waits; and of those that are being projected.
        var waitingSince: ContinuousClock.Instant?
        var takenSince: ContinuousClock.Instant?
        /// Where the newest events of environments lie before, of those that had any since the start.
        var newest: [Int64: LogPosition] = [:]
        /// Up to where events were offered; nil before the first.
        var offered: LogPosition?
        /// Up to where events were projected.
        var projected: LogPosition?
        /// While it is, what is offered stays in the log only.
        var recovery: ProjectionRecovery?
        var isWoken = false
        var sleeper: UnsafeContinuation<Void, Never>?
        var waiters: [Int: Waiter] = [:]
        var waiterCount = 0
        /// Whether somebody looks after those who cannot wait for ever.
        var isWatched = false
    }

    /// Somebody who waits until events have taken effect; without a position, until the recovery is over.
    struct Waiter {
        let position: LogPosition?
        /// Until when; nil for ever.
        let deadline: ContinuousClock.Instant?
        let continuation: CheckedContinuation<Void, any Error>
    }

    let state: Mutex<State>
    let projections: [any EventProjection]
    let log: EventStore?
    let logger: Logger
    private let maximumBytes: Int

    /// - Parameters:
    ///   - log: where events from before are; nil when there are none.
    ///   - maximumBytes: of events in memory.
    public init(
        projections: [any EventProjection], log: EventStore? = nil, maximumBytes: Int = 256 * 1_024 * 1_024,
        logger: Logger
    ) {
        self.projections = projections
        self.log = log
        self.maximumBytes = maximumBytes
        self.logger = logger
        state = Mutex(State(recovery: log.map { _ in ProjectionRecovery() }))
    }

    /// Whether so much waits to be projected that new events must wait outside.
    var isOverloaded: Bool { state.withLock { $0.byteCount > maximumBytes } }

    /// Up to where events have taken effect in every projection since the start; nil for none.
    var projected: LogPosition? { state.withLock { $0.projected } }

    func offer(_ events: [CommittedEvents], upTo end: LogPosition) {
        state.withLock { state in
            state.offered = end
            state.note(events, upTo: end)
            if state.recovery?.readsLog ?? false { return }
            state.events.append(contentsOf: events)
            state.byteCount += events.reduce(0) { $0 + $1.batch.byteCount }
            state.eventCount += events.reduce(0) { $0 + $1.indices.count }
            if state.waitingSince == nil, !events.isEmpty { state.waitingSince = .now }
        }
        // No wake-up: the feed looks by itself a few times a second, so that many commits share one transaction.
    }

    /// Events that are committed and not yet projected, as far as memory holds them: while a start reads the log,
    /// ``unreadCount`` says what there is besides.
    public var backlog: EventBacklog {
        state.withLock { state in
            EventBacklog(
                count: state.eventCount, byteCount: state.byteCount, oldest: state.takenSince ?? state.waitingSince)
        }
    }

    /// Before which the newest event of an environment lies; nil when none came since the start.
    public func newest(environmentID: Int64) -> LogPosition? { state.withLock { $0.newest[environmentID] } }

    /// How far any projection has come: everything up to there is committed, even where it was deleted since.
    public func furthestPosition() async throws -> LogPosition? {
        var furthest: LogPosition?
        for projection in projections {
            guard let position = try await projection.position() else { continue }
            furthest = max(furthest ?? position, position)
        }
        return furthest
    }

    /// Projects until the task is cancelled and nothing is left, or cannot be for now.
    public func run() async {
        guard await recover() else { return }
        while true {
            await pause()
            let taken = take()
            if taken.events.isEmpty {
                if Task.isCancelled { return }
                continue
            }
            // Nothing follows what was not applied: the next start begins there.
            guard await apply(taken.events, upTo: taken.end) else { return }
            finish(taken)
        }
    }

    private struct Taken {
        var events: [CommittedEvents]
        var end: LogPosition
        var byteCount: Int
        var eventCount: Int
    }

    private func take() -> Taken {
        state.withLock { state in
            defer {
                if !state.events.isEmpty { (state.takenSince, state.waitingSince) = (state.waitingSince, nil) }
                state.events = []
                state.isWoken = false
            }
            return Taken(
                events: state.events, end: state.offered ?? .start, byteCount: state.byteCount,
                eventCount: state.eventCount)
        }
    }

    /// - Returns: false when a projection could not go on and the server is to stop.
    private func apply(_ events: [CommittedEvents], upTo end: LogPosition) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            for projection in projections {
                let run = ProjectionRun(projection: projection, logger: logger)
                group.addTask { await run.apply(events, upTo: end) }
            }
            return await group.reduce(true) { $0 && $1 }
        }
    }

    private func finish(_ taken: Taken) {
        let reached = state.withLock { state in
            state.byteCount -= taken.byteCount
            state.eventCount -= taken.eventCount
            state.takenSince = nil
            return Self.reach(taken.end, &state)
        }
        for waiter in reached { waiter.continuation.resume() }
    }

    /// - Returns: those who waited for it.
    static func reach(_ position: LogPosition, _ state: inout State) -> [Waiter] {
        state.projected = position
        let isRecovered = state.recovery == nil
        let reached = state.waiters.filter { $0.value.position.map { $0 <= position } ?? isRecovered }
        for number in reached.keys { state.waiters[number] = nil }
        return Array(reached.values)
    }

    /// Sleeps a moment, less when somebody waits to catch up.
    private func pause() async {
        let timer = Task {
            // Cancelled when the pause ended early: waking up then would cut the next pause short.
            guard (try? await Task.sleep(for: .milliseconds(100))) != nil else { return }
            self.wake()
        }
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let wasWoken = state.withLock { state in
                    if state.isWoken || Task.isCancelled { return true }
                    state.sleeper = continuation
                    return false
                }
                if wasWoken { continuation.resume() }
            }
        } onCancel: {
            wake()
        }
        timer.cancel()
    }

    func wake() {
        let sleeper = state.withLock { state in
            state.isWoken = true
            defer { state.sleeper = nil }
            return state.sleeper
        }
        sleeper?.resume()
    }
}

extension ProjectionFeed.State {
    /// Remembers whose events there are.
    fileprivate mutating func note(_ events: [CommittedEvents], upTo end: LogPosition) {
        var last: Int64?
        for committed in events {
            for index in committed.indices {
                let environmentID = committed.batch.rows[index].environmentID
                // Events of a batch are nearly always of one environment.
                guard environmentID != last else { continue }
                newest[environmentID] = end
                last = environmentID
            }
        }
    }
}
