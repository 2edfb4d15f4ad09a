import Synchronization

@testable import EventStore

/// Writes down the names of the events it is given, in a store that outlives feeds and writers.
final class RecordingProjection: EventProjection {
    struct Failure: Error {}

    private struct State {
        var names: [String] = []
        var position: EventIdentifier?
        var applications = 0
        var failuresToCome = 0
    }

    private let state = Mutex(State())

    /// The next `count` applications fail without an effect.
    func failNext(_ count: Int) {
        state.withLock { $0.failuresToCome = count }
    }

    /// In the order they were applied.
    var names: [String] { state.withLock { $0.names } }
    /// How often it was asked to apply something.
    var applications: Int { state.withLock { $0.applications } }
    var lastPosition: EventIdentifier? { state.withLock { $0.position } }

    func position() async throws -> EventIdentifier? { lastPosition }

    func apply(_ events: [CommittedEvents], movingTo position: EventIdentifier) async throws {
        let names = events.flatMap { committed in
            committed.indices.map { committed.batch[$0][.eventName] ?? "" }
        }
        try state.withLock { state in
            state.applications += 1
            if state.failuresToCome > 0 {
                state.failuresToCome -= 1
                throw Failure()
            }
            state.names += names
            state.position = position
        }
    }
}
