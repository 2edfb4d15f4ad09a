import Synchronization
import Text

/// Lets one call at a time change what is merged member by member with what a profile has, of each profile.
final class ProfileTurns: Sendable {
    struct Profile: Hashable, Sendable {
        let environmentID: Int64
        let isUser: Bool
        let id: ClientText
    }

    /// Who waits for their turn, of the profiles that somebody is changing.
    private let waiting = Mutex<[Profile: [CheckedContinuation<Void, Never>]]>([:])

    func run<Result: Sendable>(_ profile: Profile, _ body: () async throws -> Result) async rethrows -> Result {
        await withCheckedContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                guard waiting[profile] != nil else {
                    waiting[profile] = []
                    return true
                }
                waiting[profile]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
        defer { end(profile) }
        return try await body()
    }

    private func end(_ profile: Profile) {
        let next: CheckedContinuation<Void, Never>? = waiting.withLock { waiting in
            guard let first = waiting[profile]?.first else {
                waiting[profile] = nil
                return nil
            }
            waiting[profile]?.removeFirst()
            return first
        }
        next?.resume()
    }
}
