public import ControlStore
import Synchronization
public import Time

/// A project's config cannot be made, because something of the project cannot be read, or it would be larger than is
/// served. Others are not concerned.
public struct UnservableProject: Error, Sendable, CustomStringConvertible {
    public let projectID: Int64
    public let reason: String
    /// Whether it has been tried as often as it is before it is set aside; when not, the next attempt may do.
    public let isSetAside: Bool

    init(projectID: Int64, reason: String, isSetAside: Bool) {
        self.projectID = projectID
        self.reason = reason
        self.isSetAside = isSetAside
    }

    public var description: String {
        """
        The config of project \(projectID) cannot be made, so that nothing can be decided by it (\(reason)). It is listed \
        at GET /api/sextant/v1/set-aside, kind config; change what is wrong, then try it again there.
        """
    }
}

/// Remembers the projects that cannot be read: after three attempts they are set aside, and not read again until
/// something of them has changed.
public final class ConfigDefects: Sendable {
    private struct Defect {
        /// The projects' count of commits at the last attempt.
        var commits: Int
        var attempts: Int
        var reason: String
    }

    /// Attempts before a project is set aside.
    private static let attempts = 3

    private let store: ControlStore
    private let clock: WallClock
    private let defects = Mutex<[Int64: Defect]>([:])

    public init(store: ControlStore, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Passes unless the project is set aside and nothing has been committed since.
    func check(_ projectID: Int64, commits: Int) throws(UnservableProject) {
        let defect = defects.withLock { $0[projectID] }
        guard let defect, defect.attempts >= Self.attempts, defect.commits == commits else { return }
        throw UnservableProject(projectID: projectID, reason: defect.reason, isSetAside: true)
    }

    /// Notes that a project could not be read.
    /// - Returns: what to tell whoever asked for it.
    func note(_ error: any Error, of projectID: Int64, commits: Int) async -> any Error {
        if StoreTrouble.isCause(of: error) { return error }
        let defect = defects.withLock { defects in
            let attempts = (defects[projectID]?.attempts ?? 0) + 1
            let defect = Defect(commits: commits, attempts: attempts, reason: "\(error)")
            defects[projectID] = defect
            return defect
        }
        if defect.attempts == Self.attempts {
            do {
                try await setAside(projectID, defect.reason, attempts: defect.attempts)
            } catch {
                // The next attempt tries that, too.
                defects.withLock { $0[projectID]?.attempts -= 1 }
            }
        }
        return UnservableProject(
            projectID: projectID, reason: defect.reason, isSetAside: defect.attempts >= Self.attempts)
    }

    /// Tells of a config that can be made, and is larger than is served: all else of the project goes on.
    func setAside(_ oversized: ConfigDocument.Oversized, of projectID: Int64) async throws {
        try await setAside(projectID, oversized.description, attempts: 1)
    }

    private func setAside(_ projectID: Int64, _ reason: String, attempts: Int) async throws {
        let entry = SetAsideEntry(
            kind: .config, environmentID: nil, projectID: projectID, subject: String(projectID), reason: reason,
            attempts: attempts)
        let now = clock.now
        try await store.write { try SetAside.insert(entry, at: now, in: $0) }
    }

    /// Notes that a project can be read.
    func settle(_ projectID: Int64) async throws {
        defects.withLock { $0[projectID] = nil }
        let subject = String(projectID)
        let isSetAside = try await store.read { try SetAside.contains(.config, subject, in: $0) }
        guard isSetAside else { return }
        try await store.write { _ = try SetAside.remove(.config, subject, in: $0) }
    }

    /// Lets a project be read again.
    func forget(_ projectID: Int64) { defects.withLock { $0[projectID] = nil } }
}
