import ControlStore
import Synchronization
import Time

/// Knows the newest announcements that anybody asks for, and looks again only once there are others.
final class AnnouncementWatch: Sendable {
    struct Subject: Hashable, Sendable {
        let kind: Announcement.Kind
        let environmentID: Int64
    }

    private let store: ControlStore
    private let watch: TableWatch
    private let known = Mutex(Known())

    private struct Known {
        /// As of which commit.
        var commits = -1
        /// Ids, 0 where there is none.
        var newest: [Subject: Int64] = [:]
    }

    init(store: ControlStore) {
        self.store = store
        watch = TableWatch(store, tables: ["announcements"])
    }

    /// Looks whether anything was announced, and of what is asked for the first time.
    func catchUp(_ subjects: Set<Subject>) async throws {
        let commits = watch.count
        let isCurrent = known.withLock { known in
            known.commits == commits && subjects.isSubset(of: known.newest.keys)
        }
        if isCurrent { return }
        let newest = try await store.read { database in
            try subjects.reduce(into: [Subject: Int64]()) { newest, subject in
                newest[subject] =
                    try Announcement.newest(subject.kind, environmentID: subject.environmentID, from: database) ?? 0
            }
        }
        known.withLock { $0 = Known(commits: commits, newest: newest) }
    }

    /// The id of the newest announcement; 0 where there is none.
    func newest(_ subject: Subject) -> Int64 { known.withLock { $0.newest[subject] } ?? 0 }

    /// Removes those that are kept no longer.
    func removeOld(at now: Timestamp) async throws {
        try await Announcement.remove(before: now.adding(seconds: -Announcement.keptSeconds), from: store)
    }
}
