import EventStore
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

    private struct Removal {
        let time: ContinuousClock.Instant
        /// What came later is of somebody who has come back.
        let end: LogPosition
    }

    private let removed = Mutex<[Subject: Removal]>([:])

    func add(_ gone: [DeletedSubjects], areUsers: Bool, environmentID: Int64) {
        let now = ContinuousClock.now
        removed.withLock { removed in
            removed = removed.filter { now - $0.value.time < Self.kept }
            for gone in gone {
                for id in gone.ids {
                    let subject = Subject(environmentID: environmentID, isUser: areUsers, id: ClientText(id))
                    removed[subject] = Removal(time: now, end: gone.end)
                }
            }
        }
    }

    /// - Parameter event: that is told of; nil where it is none.
    func contains(user: String?, company: String?, environmentID: Int64, event: EventIdentifier?) -> Bool {
        removed.withLock { removed in
            guard !removed.isEmpty else { return false }
            func isRemoved(_ id: String?, isUser: Bool) -> Bool {
                guard let id else { return false }
                let subject = Subject(environmentID: environmentID, isUser: isUser, id: ClientText(id))
                guard let removal = removed[subject] else { return false }
                return event.map { removal.end.includes($0) } ?? true
            }
            return isRemoved(user, isUser: true) || isRemoved(company, isUser: false)
        }
    }
}
