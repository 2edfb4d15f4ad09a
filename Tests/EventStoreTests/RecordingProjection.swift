import Synchronization

@testable import EventStore

/// Writes down the names of the events it is given, in a store that outlives feeds and writers.
final class RecordingProjection: EventProjection {
    struct Failure: Error {}
    struct Trouble: Error {}

    private struct State {
        var names: [String] = []
        var setAside: [String] = []
        var position: LogPosition?
        var applications = 0
        var failuresToCome = 0
        var troublesToCome = 0
        var poison: Set<String> = []
    }

    let name = "recording"
    private let state = Mutex(State())

    /// - Parameter poison: names of events that it cannot apply.
    init(poison: Set<String> = []) {
        state.withLock { $0.poison = poison }
    }

    /// The next `count` applications fail without an effect.
    func failNext(_ count: Int) {
        state.withLock { $0.failuresToCome = count }
    }

    /// The store is in trouble for the next `count` applications.
    func troubleNext(_ count: Int) {
        state.withLock { $0.troublesToCome = count }
    }

    /// From now on it can apply everything.
    func recover() {
        state.withLock { $0.poison = [] }
    }

    /// In the order they were applied.
    var names: [String] { state.withLock { $0.names } }
    /// Those that were set aside, in order.
    var setAside: [String] { state.withLock { $0.setAside } }
    /// How often it was asked to apply something.
    var applications: Int { state.withLock { $0.applications } }
    var lastPosition: LogPosition? { state.withLock { $0.position } }

    func position() async throws -> LogPosition? { lastPosition }

    func isStoreTrouble(_ error: any Error) -> Bool { error is Trouble }

    func apply(_ events: [CommittedEvents], _ step: ProjectionStep) async throws {
        let names = events.flatMap { committed in
            committed.indices.map { committed.batch[$0][.eventName] ?? "" }
        }
        try state.withLock { state in
            state.applications += 1
            if state.troublesToCome > 0 {
                state.troublesToCome -= 1
                throw Trouble()
            }
            if state.failuresToCome > 0 {
                state.failuresToCome -= 1
                throw Failure()
            }
            if names.contains(where: state.poison.contains) { throw Failure() }
            state.names += names
            guard case .advance(let position, let unapplied) = step else { return }
            state.setAside += unapplied.map { $0.event[.eventName] ?? "" }
            state.position = position
        }
    }
}
