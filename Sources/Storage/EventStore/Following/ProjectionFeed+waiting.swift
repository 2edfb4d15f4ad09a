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
    public func catchUp() async throws {
        try await wait { state in
            if state.recovery != nil, state.offered == nil { return .recovery }
            guard let offered = state.offered, state.projected.map({ $0 < offered }) ?? true else { return nil }
            return .position(offered)
        }
    }

    /// Returns once everything committed before a position has taken effect in every projection; what comes behind it is not
    /// waited for.
    /// - Parameter position: of something that was read from the log.
    /// - Throws: `CancellationError`.
    public func catchUp(to position: LogPosition) async throws {
        try await wait { state in
            guard let offered = state.offered else { return state.recovery == nil ? nil : .recovery }
            let goal = min(position, offered)
            return state.projected.map { $0 < goal } ?? true ? .position(goal) : nil
        }
    }

    /// The same for callers who cannot wait for ever.
    /// - Throws: ``ProjectionsBehind`` when it takes longer.
    public func catchUp(within limit: Duration) async throws {
        try await bounded(limit) { try await self.catchUp() }
    }

    /// Returns once what was committed before the process started has taken effect: later events may be on their way.
    /// - Throws: ``ProjectionsBehind`` when it takes longer.
    public func recovered(within limit: Duration) async throws {
        if state.withLock({ $0.recovery == nil }) { return }
        try await bounded(limit) {
            try await self.wait { $0.recovery == nil ? nil : .recovery }
        }
    }

    private func bounded(_ limit: Duration, _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await body()
                return true
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return false
            }
            defer { group.cancelAll() }
            guard try await group.next() == true else { throw ProjectionsBehind(progress: self.progress) }
        }
    }

    private enum Goal {
        case position(LogPosition)
        case recovery
    }

    /// - Parameter goal: what there is to wait for; nil for nothing.
    private func wait(for goal: (State) -> Goal?) async throws {
        let number = state.withLock { state in
            state.waiterCount += 1
            return state.waiterCount
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (isDone, sleeper): (Bool, UnsafeContinuation<Void, Never>?) = state.withLock { state in
                    guard let goal = goal(state) else { return (true, nil) }
                    var position: LogPosition?
                    if case .position(let offered) = goal { position = offered }
                    state.waiters[number] = Waiter(position: position, continuation: continuation)
                    state.isWoken = true
                    defer { state.sleeper = nil }
                    return (false, state.sleeper)
                }
                sleeper?.resume()
                if isDone { continuation.resume() }
                // Cancelled before it was there to be found.
                if Task.isCancelled { giveUp(number) }
            }
        } onCancel: {
            giveUp(number)
        }
    }

    private func giveUp(_ number: Int) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
        waiter?.continuation.resume(throwing: CancellationError())
    }
}
