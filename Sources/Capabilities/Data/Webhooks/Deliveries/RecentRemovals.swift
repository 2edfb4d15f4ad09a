import Synchronization
import Text

/// Users and companies that were removed a short while ago: what was read of them before is neither sent nor stored any more.
final class RecentRemovals: Sendable {
    private struct Subject: Hashable {
        let environmentID: Int64
        let isUser: Bool
        let id: ClientText
    }

    /// Longer than a page of messages takes.
    private static let kept = Duration.seconds(600)

    private let removed = Mutex<[Subject: ContinuousClock.Instant]>([:])

    func add(_ ids: [String], areUsers: Bool, environmentID: Int64) {
        let now = ContinuousClock.now
        removed.withLock { removed in
            removed = removed.filter { now - $0.value < Self.kept }
            for id in ids {
                removed[Subject(environmentID: environmentID, isUser: areUsers, id: ClientText(id))] = now
            }
        }
    }

    func contains(user: String?, company: String?, environmentID: Int64) -> Bool {
        removed.withLock { removed in
            guard !removed.isEmpty else { return false }
            func isRemoved(_ id: String?, isUser: Bool) -> Bool {
                guard let id else { return false }
                return removed[Subject(environmentID: environmentID, isUser: isUser, id: ClientText(id))] != nil
            }
            return isRemoved(user, isUser: true) || isRemoved(company, isUser: false)
        }
    }
}
