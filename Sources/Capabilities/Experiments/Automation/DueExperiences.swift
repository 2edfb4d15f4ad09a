import ControlStore
import Experiences
import ProjectDocuments
import Synchronization
import Time

/// Experiences that may stand otherwise than they did when they were looked at last, since they were visited or changed, or their
/// project was, or the time has come that was noted then. What is asked for follows what happened, not how many there are.
final class DueExperiences: Sendable {
    private let store: ControlStore
    private let counters: any ExperienceCounters
    private let resources: RowWatch
    private let projects: RowWatch
    private let waiting = Mutex(Waiting())

    private struct Waiting {
        var ids: Set<Int64> = []
        /// Nobody knows which: as after a start.
        var isEveryone = true
        /// What projects that were touched have said, by their ids: other changes of theirs are no matter.
        var settings: [Int64: ProjectReportingSettings] = [:]
    }

    init(store: ControlStore, counters: any ExperienceCounters) {
        self.store = store
        self.counters = counters
        resources = RowWatch(store, table: "resources")
        projects = RowWatch(store, table: "projects")
    }

    /// Those that wait, with how much they were visited by now.
    /// - Parameter now: of the clock that times are noted by.
    func all(at now: Timestamp) async throws -> [Int64: ExperienceCounter] {
        let counted = counters.takeCounted()
        let (changed, projects) = (resources.take(), projects.take())
        guard let counted, case .rows(let changed) = changed, case .rows(let projects) = projects,
            !waiting.withLock({ $0.isEveryone })
        else {
            // Should what follows fail, it is everyone the next time too.
            waiting.withLock { $0.isEveryone = true }
            let all = try await counters.counters(of: nil)
            waiting.withLock { ($0.ids, $0.isEveryone) = (Set(all.keys), false) }
            return all
        }
        waiting.withLock { $0.ids.formUnion(counted.union(changed)) }
        do {
            try await collect(of: projects)
            let timed = try await store.read { try Self.timed(at: now, from: $0) }
            waiting.withLock { $0.ids.formUnion(timed) }
            let ids = waiting.withLock { $0.ids }
            if ids.isEmpty { return [:] }
            // What is no experience, or was never visited, has no results.
            let due = try await counters.counters(of: ids)
            waiting.withLock { $0.ids.formIntersection(due.keys) }
            return due
        } catch {
            waiting.withLock { $0.isEveryone = true }
            throw error
        }
    }

    /// This one is looked at now.
    func settle(_ id: Int64) { _ = waiting.withLock { $0.ids.remove(id) } }

    /// This one is to be looked at again.
    func add(_ id: Int64) { _ = waiting.withLock { $0.ids.insert(id) } }

    /// Adds the experiences of those projects whose settings are others than before.
    private func collect(of projects: Set<Int64>) async throws {
        if projects.isEmpty { return }
        let known = waiting.withLock { $0.settings }
        let (settings, theirs) = try await store.read { database in
            var settings = known
            for project in projects { settings[project] = try .fetch(of: project, from: database) }
            let others = projects.filter { settings[$0] != known[$0] }
            return (settings, try Self.evaluated(in: others, from: database))
        }
        waiting.withLock { waiting in
            // One that says much is kept as long as there are few.
            waiting.settings = settings.count > Self.maximumProjects ? [:] : settings
            waiting.ids.formUnion(theirs)
        }
    }

    private static func timed(at now: Timestamp, from database: Database) throws -> [Int64] {
        try database.values(
            Int64.self, sql: "SELECT experience_id FROM experience_evaluations WHERE due_at <= ?", arguments: [now])
    }

    private static let maximumProjects = 1_000

    private static func evaluated(in projects: Set<Int64>, from database: Database) throws -> [Int64] {
        try database.values(
            Int64.self,
            sql: "SELECT experience_id FROM experience_evaluations WHERE project_id IN \(SQL.list("?"))",
            arguments: [ListArgument(Array(projects))])
    }
}
