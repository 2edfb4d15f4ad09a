import Synchronization

/// Has many that want the same thing at the same time wait for one making of it. Nothing is kept once it is made.
final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let flights = Mutex<[Key: Task<Value, any Error>]>([:])

    /// What `make` makes, or what an earlier call for the same key is making already. The making goes on when whoever waits
    /// for it is cancelled: others may wait, too.
    /// - Parameter isOwn: whether an error is about who began the making, not about what was to be made: those that waited for
    ///   it see to it themselves.
    /// - Throws: what the making throws, to all that wait for it.
    func value(
        _ key: Key, unless isOwn: (any Error) -> Bool = { _ in false },
        _ make: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        while true {
            let (flight, isJoined) = join(key, make)
            do {
                return try await flight.value
            } catch {
                // Each time around somebody has been told an error of their own, so this ends.
                guard isJoined, isOwn(error) else { throw error }
            }
        }
    }

    private func join(
        _ key: Key, _ make: @escaping @Sendable () async throws -> Value
    ) -> (flight: Task<Value, any Error>, isJoined: Bool) {
        flights.withLock { flights in
            if let flight = flights[key] { return (flight, true) }
            let flight = Task { [self] in
                // It cannot end before it is noted: this waits for the lock.
                defer { self.flights.withLock { $0[key] = nil } }
                return try await make()
            }
            flights[key] = flight
            return (flight, false)
        }
    }
}
