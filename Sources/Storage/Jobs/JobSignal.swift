import Synchronization

/// Tells the worker to look for due jobs. Raising it often costs nothing: signals that were not taken yet are one.
final class JobSignal: Sendable {
    private let listener = Mutex<AsyncStream<Void>.Continuation?>(nil)

    /// Tells whoever listens.
    func raise() {
        // Not within the lock: this wakes a task, whose own lock a cancellation holds while it waits for ours.
        let continuation = listener.withLock { $0 }
        continuation?.yield()
    }

    /// Makes the caller the only listener.
    func listen() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        listener.withLock { $0 = continuation }
        return stream
    }

    /// Ends the stream of whoever listens.
    func finish() {
        let continuation = listener.withLock { listener in
            defer { listener = nil }
            return listener
        }
        continuation?.finish()
    }
}
