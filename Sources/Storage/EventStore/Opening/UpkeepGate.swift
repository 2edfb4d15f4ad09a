import Foundation
import Synchronization

/// Lets another process copy the log's file while this one goes on: as long as that process holds the lock, nothing that is
/// in the file changes. What is appended meanwhile stands in the write-ahead log.
final class UpkeepGate: Sendable {
    private struct State {
        var descriptor: Int32 = -1
        /// Who is within: they share one lock.
        var count = 0
    }

    private let path: String
    private let state = Mutex(State())
    private static let pause = Duration.milliseconds(50)

    /// - Parameter path: a file that both processes know; made when it is missing.
    init(path: String) {
        self.path = path
    }

    /// Runs a body that changes the file, once nobody copies it.
    /// - Throws: what the body throws; `CancellationError` while it waits.
    func run<Result>(_ body: () async throws -> Result) async throws -> Result {
        while !enter() { try await Task.sleep(for: Self.pause) }
        defer { leave() }
        return try await body()
    }

    private func enter() -> Bool {
        state.withLock { state in
            if state.count == 0 {
                if state.descriptor < 0 { state.descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
                // Where no file can be made nobody else has it either.
                if state.descriptor >= 0, flock(state.descriptor, LOCK_SH | LOCK_NB) != 0 { return false }
            }
            state.count += 1
            return true
        }
    }

    private func leave() {
        state.withLock { state in
            state.count -= 1
            if state.count == 0, state.descriptor >= 0 { flock(state.descriptor, LOCK_UN) }
        }
    }

    deinit {
        let descriptor = state.withLock { $0.descriptor }
        if descriptor >= 0 { close(descriptor) }
    }
}
