public import Logging
import Synchronization

/// Carries committed events to the projections, in log order, in the background.
///
/// Memory holds what is committed but not yet projected; past a limit the writer turns new events away, so a slow
/// projection slows the senders down instead of filling the memory.
public final class ProjectionFeed: Sendable {
    private struct State {
        var events: [CommittedEvents] = []
        var byteCount = 0
        /// The id of the last event offered.
        var offered: EventIdentifier?
        /// The id of the last event projected.
        var projected: EventIdentifier?
        var isWoken = false
        var sleeper: UnsafeContinuation<Void, Never>?
        var waiters: [(position: EventIdentifier, continuation: UnsafeContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    private let projections: [any EventProjection]
    private let maximumBytes: Int
    private let logger: Logger

    public init(projections: [any EventProjection], maximumBytes: Int = 256 * 1_024 * 1_024, logger: Logger) {
        self.projections = projections
        self.maximumBytes = maximumBytes
        self.logger = logger
    }

    /// Whether so much waits to be projected that new events must wait outside.
    var isOverloaded: Bool { state.withLock { $0.byteCount > maximumBytes } }

    func offer(_ events: [CommittedEvents], upTo last: EventIdentifier) {
        state.withLock { state in
            state.events.append(contentsOf: events)
            state.byteCount += events.reduce(0) { $0 + $1.batch.byteCount }
            state.offered = last
        }
        // No wake-up: the feed looks by itself a few times a second, so that many commits share one transaction.
    }

    /// How far any projection has come: everything up to there is committed, even where it was deleted since.
    public func furthestPosition() async throws -> EventIdentifier? {
        var furthest: EventIdentifier?
        for projection in projections {
            guard let position = try await projection.position() else { continue }
            furthest = max(furthest ?? position, position)
        }
        return furthest
    }

    /// Returns once everything committed before the call has taken effect in every projection.
    public func catchUp() async {
        await withUnsafeContinuation { continuation in
            let sleeper: UnsafeContinuation<Void, Never>? = state.withLock { state in
                guard let offered = state.offered, state.projected.map({ $0 < offered }) ?? true else {
                    continuation.resume()
                    return nil
                }
                state.waiters.append((offered, continuation))
                state.isWoken = true
                defer { state.sleeper = nil }
                return state.sleeper
            }
            sleeper?.resume()
        }
    }

    /// Reads back and applies what was committed but not projected when the process last ended.
    public func recover(from store: EventStore) async throws {
        for projection in projections {
            var position = try await projection.position()
            while let replay = try await store.replay(after: position, limit: 20_000) {
                logger.info(
                    "applying events read back from the log", metadata: ["events": "\(replay.events.batch.count)"])
                try await projection.apply([replay.events], movingTo: replay.last)
                position = replay.last
            }
        }
    }

    /// Projects until the task is cancelled and nothing is left.
    public func run() async {
        while true {
            await pause()
            let taken = take()
            if taken.events.isEmpty {
                if Task.isCancelled { return }
                continue
            }
            await apply(taken.events, upTo: taken.last)
            finish(taken)
        }
    }

    private struct Taken {
        var events: [CommittedEvents]
        var last: EventIdentifier
        var byteCount: Int
    }

    private func take() -> Taken {
        state.withLock { state in
            defer {
                state.events = []
                state.isWoken = false
            }
            return Taken(
                events: state.events, last: state.offered ?? EventIdentifier(value: 0), byteCount: state.byteCount)
        }
    }

    /// Applies to every projection; one that fails is tried again until it succeeds, since skipping would lose events.
    private func apply(_ events: [CommittedEvents], upTo last: EventIdentifier) async {
        await withTaskGroup(of: Void.self) { group in
            for projection in projections {
                group.addTask { [logger] in
                    var delaySeconds = 0.1
                    while true {
                        do {
                            // Shutting down must not cut a transaction short.
                            try await Task { try await projection.apply(events, movingTo: last) }.value
                            return
                        } catch {
                            logger.error("a projection failed and is tried again", metadata: ["reason": "\(error)"])
                            if Task.isCancelled { return }
                            try? await Task.sleep(for: .seconds(delaySeconds))
                            delaySeconds = min(delaySeconds * 2, 10)
                        }
                    }
                }
            }
        }
    }

    private func finish(_ taken: Taken) {
        let reached = state.withLock { state in
            state.byteCount -= taken.byteCount
            state.projected = taken.last
            let reached = state.waiters.filter { $0.position <= taken.last }
            state.waiters.removeAll { $0.position <= taken.last }
            return reached
        }
        for waiter in reached { waiter.continuation.resume() }
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

    private func wake() {
        let sleeper = state.withLock { state in
            state.isWoken = true
            defer { state.sleeper = nil }
            return state.sleeper
        }
        sleeper?.resume()
    }
}
