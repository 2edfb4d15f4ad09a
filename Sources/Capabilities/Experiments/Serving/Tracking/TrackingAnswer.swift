import Synchronization

/// The answer to a request, which comes when every piece of it is stored.
final class TrackingAnswer: Sendable {
    private struct State {
        var openPieces: Int
        var rejections: [TrackingRejection: Int] = [:]
        var failure: TrackingError?
    }

    private let state: Mutex<State>
    private let continuation: CheckedContinuation<[TrackingRejection: Int], any Error>

    init(pieces: Int, _ continuation: CheckedContinuation<[TrackingRejection: Int], any Error>) {
        state = Mutex(State(openPieces: pieces))
        self.continuation = continuation
    }

    /// A piece is stored, but for what is told.
    func resume(returning rejections: [TrackingRejection: Int]) {
        finish { $0.rejections.merge(rejections, uniquingKeysWith: +) }
    }

    /// A piece is not stored.
    func resume(throwing failure: TrackingError) { finish { $0.failure = failure } }

    private func finish(_ note: (inout State) -> Void) {
        let done: State? = state.withLock { state in
            note(&state)
            state.openPieces -= 1
            return state.openPieces == 0 ? state : nil
        }
        guard let done else { return }
        if let failure = done.failure {
            continuation.resume(throwing: failure)
        } else {
            continuation.resume(returning: done.rejections)
        }
    }
}
