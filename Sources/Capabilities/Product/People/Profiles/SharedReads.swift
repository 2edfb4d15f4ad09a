import ControlStore
import Synchronization
import Text

/// Reads single profiles for many callers at once. Who asks while a read is under way shares the next one: under load a
/// transaction costs more than what is read in it.
final class SharedReads<Profile: Sendable>: Sendable {
    /// Reads one profile; its size in bytes, about.
    typealias Read =
        @Sendable (Database, _ environmentID: Int64, _ id: String) throws -> (profile: Profile?, bytes: Int)

    private struct Waiter {
        let environmentID: Int64
        let id: String
        let continuation: CheckedContinuation<Profile?, any Error>
    }

    private struct State {
        var waiting: [Waiter] = []
        var isReading = false
    }

    private let store: ControlStore
    private let read: Read
    private let state = Mutex(State())

    /// Profiles of one transaction, and bytes after which it ends: others wait for it.
    private static var mostAtOnce: Int { 64 }
    private static var mostBytes: Int { 256 * 1_024 }

    init(_ store: ControlStore, _ read: @escaping Read) {
        self.store = store
        self.read = read
    }

    /// The profile as it is now or later; nil for none.
    func profile(environmentID: Int64, id: String) async throws -> Profile? {
        try await withCheckedThrowingContinuation { continuation in
            let isFirst = state.withLock { state in
                state.waiting.append(Waiter(environmentID: environmentID, id: id, continuation: continuation))
                defer { state.isReading = true }
                return !state.isReading
            }
            if isFirst { Task { await readAll() } }
        }
    }

    private func readAll() async {
        while let waiters = take() {
            do {
                let found = try await store.read { [read] database in
                    var (found, bytes) = ([Result<Profile?, any Error>](), 0)
                    for waiter in waiters where bytes < Self.mostBytes {
                        // A row that cannot be read is nobody else's concern.
                        found.append(
                            Result {
                                let one = try read(database, waiter.environmentID, waiter.id)
                                bytes += one.bytes
                                return one.profile
                            })
                    }
                    return found
                }
                let rest = waiters.dropFirst(found.count)
                if !rest.isEmpty { state.withLock { $0.waiting.insert(contentsOf: rest, at: 0) } }
                for (waiter, profile) in zip(waiters, found) { waiter.continuation.resume(with: profile) }
            } catch {
                for waiter in waiters { waiter.continuation.resume(throwing: error) }
            }
        }
    }

    private func take() -> [Waiter]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isReading = false
                return nil
            }
            defer { state.waiting.removeFirst(min(Self.mostAtOnce, state.waiting.count)) }
            return Array(state.waiting.prefix(Self.mostAtOnce))
        }
    }
}
