import Logging
import Synchronization

/// How far reading events back has come.
struct ProjectionRecovery: Sendable {
    /// Nil until it is known.
    var projection: String?
    var appliedCount = 0
    /// Events to apply when it began.
    var totalCount = 0
    /// Until the last stretch, for which what comes in is kept in memory.
    var readsLog = true
}

extension ProjectionFeed {
    /// Why profiles and the catalogue do not show all that is stored yet; nil when they follow it.
    public var progress: String? {
        state.withLock { state in
            state.recovery.map { recovery in
                guard let name = recovery.projection else { return "stored events are about to be applied" }
                return "\(name) has applied \(recovery.appliedCount) of \(recovery.totalCount) stored events"
            }
        }
    }

    /// Events of the log that a start has yet to apply, as far as it knows; 0 once it is over.
    public var unreadCount: Int {
        state.withLock { state in
            state.recovery.map { max($0.totalCount - $0.appliedCount, 0) } ?? 0
        }
    }

    /// Applies what was committed but not projected when the process last ended, and what is committed meanwhile.
    /// - Returns: false when the task was cancelled before the end; the next start goes on there.
    func recover() async -> Bool {
        guard let log else { return true }
        guard let stored = await insist({ try await log.end() }) else { return false }
        if let stored { state.withLock { $0.offered = max($0.offered ?? stored, stored) } }
        var applied = Int.max
        while true {
            // Little can have come in since: from here on it is kept.
            let isLast = applied < Self.eventsAtOnce
            let target = state.withLock { state in
                if isLast { state.recovery?.readsLog = false }
                return state.offered
            }
            applied = 0
            if let target {
                for projection in projections {
                    guard let count = await replay(projection, from: log, upTo: target) else { return false }
                    applied = max(applied, count)
                }
            }
            if isLast { return finishRecovery(at: target) }
        }
    }

    /// Events read back at a time.
    private static let eventsAtOnce = 20_000

    private func finishRecovery(at target: LogPosition?) -> Bool {
        let reached = state.withLock { state in
            state.recovery = nil
            return Self.reach(target ?? .start, &state)
        }
        for waiter in reached { waiter.continuation.resume() }
        return true
    }

    /// - Returns: how many events it applied; nil when the task was cancelled before the end.
    private func replay(
        _ projection: any EventProjection, from log: EventStore, upTo target: LogPosition
    ) async -> Int? {
        guard var position = await insist({ try await projection.position() }) else { return nil }
        guard position ?? .start < target else { return 0 }
        let start = position
        guard let total = await insist({ try await log.count(after: start, upTo: target) }) else { return nil }
        begin(projection.name, total)
        let started = ContinuousClock.now
        let run = ProjectionRun(projection: projection, logger: logger)
        var count = 0
        while true {
            let after = position
            let read = await insist { try await log.replay(after: after, upTo: target, limit: Self.eventsAtOnce) }
            guard let read else { return nil }
            guard let events = read, let last = events.identifiers.last else {
                end(projection.name, count, since: started)
                return count
            }
            let reached = LogPosition(after: last)
            guard await run.apply([events], upTo: reached), !Task.isCancelled else { return nil }
            position = reached
            count += events.identifiers.count
            state.withLock { $0.recovery?.appliedCount += events.identifiers.count }
        }
    }

    private func begin(_ name: String, _ total: Int) {
        state.withLock { state in
            state.recovery?.projection = name
            state.recovery?.appliedCount = 0
            state.recovery?.totalCount = total
        }
        guard total > 0 else { return }
        logger.notice(
            "replaying events into a projection", metadata: ["projection": "\(name)", "events": "\(total)"])
    }

    private func end(_ name: String, _ count: Int, since started: ContinuousClock.Instant) {
        guard count > 0 else { return }
        let milliseconds = Int(started.duration(to: .now) / .milliseconds(1))
        logger.notice(
            "replayed events into a projection",
            metadata: [
                "projection": "\(name)", "events": .stringConvertible(count),
                "milliseconds": .stringConvertible(milliseconds),
            ])
    }

    /// Asks the stores until they answer.
    /// - Returns: nil when the task was cancelled.
    private func insist<Answer: Sendable>(_ question: @Sendable () async throws -> Answer) async -> Answer? {
        var delay = ProjectionRun.firstDelay
        while !Task.isCancelled {
            do {
                return try await question()
            } catch {
                if Task.isCancelled { return nil }
                logger.error("stored events cannot be read", metadata: ["reason": "\(error)"])
                try? await Task.sleep(for: delay)
                delay = min(delay * 2, ProjectionRun.longestDelay)
            }
        }
        return nil
    }
}
