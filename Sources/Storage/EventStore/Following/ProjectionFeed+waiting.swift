import Synchronization

/// Events have not taken effect yet.
public struct ProjectionsBehind: Error, Sendable, Equatable, CustomStringConvertible {
    /// How far they are, for a person.
    public let progress: String?

    public var description: String {
        "What was sent is stored, and profiles and catalogue are being brought up to date with it"
            + (progress.map { " (\($0))" } ?? "") + ". Send the same request again after a moment."
    }
}

extension ProjectionFeed {
    /// Returns once everything committed before the call has taken effect in every projection.
    /// - Throws: `CancellationError`.
    public func catchUp() async throws { try await wait(for: Self.missing) }

    /// Returns once everything committed before a position has taken effect in every projection; what comes behind it is not
    /// waited for.
    /// - Parameter position: of something that was read from the log.
    /// - Throws: `CancellationError`.
    public func catchUp(to position: LogPosition) async throws {
        try await wait(until: nil) { state in
            guard let offered = state.offered else { return state.recovery == nil ? nil : .recovery }
            let goal = min(position, offered)
            return state.projected.map { $0 < goal } ?? true ? .position(goal) : nil
        }
    }

    /// The same for callers who cannot wait for ever.
    /// - Throws: ``ProjectionsBehind`` when it takes longer.
    public func catchUp(within limit: Duration) async throws {
        try await wait(until: .now + limit, for: Self.missing)
    }

    /// Returns once what was committed before the process started has taken effect: later events may be on their way.
    /// - Throws: ``ProjectionsBehind`` when it takes longer.
    public func recovered(within limit: Duration) async throws {
        try await wait(until: .now + limit) { $0.recovery == nil ? nil : .recovery }
    }

    /// What of all that is committed has not taken effect.
    private static func missing(_ state: State) -> Goal? {
        if state.recovery != nil, state.offered == nil { return .recovery }
        guard let offered = state.offered, state.projected.map({ $0 < offered }) ?? true else { return nil }
        return .position(offered)
    }

    private enum Goal {
        case position(LogPosition)
        case recovery
    }

    /// - Parameters:
    ///   - deadline: until when; nil for ever.
    ///   - goal: what there is to wait for; nil for nothing.
    private func wait(
        until deadline: ContinuousClock.Instant? = nil, for goal: (State) -> Goal?
    ) async throws {
        if state.withLock({ goal($0) == nil }) { return }
        let number = state.withLock { state in
            state.waiterCount += 1
            return state.waiterCount
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                typealias Outcome = (isDone: Bool, sleeper: UnsafeContinuation<Void, Never>?, isUnwatched: Bool)
                let outcome: Outcome = state.withLock { state in
                    guard let goal = goal(state) else { return (true, nil, false) }
                    var position: LogPosition?
                    if case .position(let offered) = goal { position = offered }
                    state.waiters[number] = Waiter(
                        position: position, deadline: deadline, continuation: continuation)
                    state.isWoken = true
                    let isUnwatched = deadline != nil && !state.isWatched
                    if isUnwatched { state.isWatched = true }
                    defer { state.sleeper = nil }
                    return (false, state.sleeper, isUnwatched)
                }
                outcome.sleeper?.resume()
                if outcome.isUnwatched { Task { await self.watch() } }
                if outcome.isDone { continuation.resume() }
                // Cancelled before it was there to be found.
                if Task.isCancelled { giveUp(number) }
            }
        } onCancel: {
            giveUp(number)
        }
    }

    /// Lets go of those whose time is over, as long as anybody has such a time: one task for all, not a timer each.
    private func watch() async {
        while true {
            try? await Task.sleep(for: .milliseconds(100))
            let now = ContinuousClock.now
            let (late, isOver): ([Waiter], Bool) = state.withLock { state in
                let limited = state.waiters.filter { $0.value.deadline != nil }
                let late = limited.filter { $0.value.deadline.map { $0 <= now } ?? false }
                for number in late.keys { state.waiters[number] = nil }
                let isOver = late.count == limited.count
                if isOver { state.isWatched = false }
                return (Array(late.values), isOver)
            }
            for waiter in late { waiter.continuation.resume(throwing: ProjectionsBehind(progress: progress)) }
            if isOver { return }
        }
    }

    private func giveUp(_ number: Int) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
        waiter?.continuation.resume(throwing: CancellationError())
    }
}
