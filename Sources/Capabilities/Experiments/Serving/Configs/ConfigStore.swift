public import InternetAddress
public import ServingDocument
import Synchronization
package import Time

/// The config documents of projects: made once after each change, then answered from memory.
public final class ConfigStore: Sendable {
    private struct Entry {
        /// What the count of commits was when the entry was last found right.
        var commits: Int
        let loaded: LoadedProject
    }

    /// Projects whose documents are kept; of more, any are forgotten.
    private static let maximumProjects = 1_000
    /// What depends on the time, such as which archived experiences are recent, is as old as this at most.
    private static let lifetimeSeconds: Int64 = 3_600

    private let source: any ConfigSource
    private let defects: ConfigDefects
    private let clock: WallClock
    private let entries = Mutex<[Int64: Entry]>([:])
    private let loading = SingleFlight<Int64, LoadedProject?>()
    private let recent = RecentDocuments()
    private let wholeDocuments = MakingQueue(.none, on: MakingQueue.threadsForWhole)
    private let sets = MakingQueue(.sets, on: MakingQueue.threadsForSets)

    package init(source: any ConfigSource, defects: ConfigDefects, clock: WallClock) {
        self.source = source
        self.defects = defects
        self.clock = clock
    }

    /// Reads a project that was set aside once more.
    /// - Throws: ``UnservableProject`` when it still cannot be read, or its config is still too large.
    public func retry(_ projectID: Int64) async throws {
        defects.forget(projectID)
        entries.withLock { $0[projectID] = nil }
        // Nil for one that is gone, and with it what was set aside of it.
        _ = try await document(projectID) { _ in ServingSelection() }
        try await defects.settle(projectID)
    }

    /// The project as it is now; nil when there is none.
    /// - Throws: ``UnservableProject`` when something of it cannot be read.
    public func project(_ id: Int64) async throws -> ServedRevision? { try await current(id)?.served }

    /// The document for a request; nil when there is no such project.
    /// - Parameters:
    ///   - client: the address that asks; nil when it is not known.
    ///   - select: what of the project as it is now.
    /// - Throws: ``UnservableProject`` when something of it cannot be read, or the document would be too large;
    ///   ``TooManyConfigs`` when it is one of a set of experiences, or a preview, and too many of those wait to be made.
    public func document(
        _ projectID: Int64, for client: IPAddress? = nil, select: (ServedRevision) -> ServingSelection
    ) async throws -> ConfigDocument? {
        guard let loaded = try await current(projectID) else { return nil }
        let selection = select(loaded.served)
        let key = RecentDocuments.Key(
            projectID: projectID, revision: loaded.served.revision, loadedAt: loaded.loadedAt, selection: selection)
        if let known = selection.isWhole ? loaded.document(selection) : recent[key] {
            return try known.mapError { Self.unservable($0, projectID) }.get()
        }
        let made = try await loaded.making.value(selection, unless: Self.isOwn) { [self] in
            let queue = selection.isWhole ? wholeDocuments : sets
            let made = try await queue.run(for: client) {
                LoadedProject.Made { () throws(ConfigDocument.Oversized) in
                    try ConfigDocument(ServedConfig(loaded.served.project, selection).document)
                }
            }
            if case .failure(let oversized) = made { try await defects.setAside(oversized, of: projectID) }
            if selection.isWhole { loaded.keep(made, selection) } else { recent.keep(made, key) }
            return made
        }
        return try made.mapError { Self.unservable($0, projectID) }.get()
    }

    /// Who began has no room; of those that joined it each has a share of its own.
    private static func isOwn(_ error: any Error) -> Bool { error is TooManyConfigs }

    private static func unservable(_ oversized: ConfigDocument.Oversized, _ projectID: Int64) -> UnservableProject {
        UnservableProject(projectID: projectID, reason: oversized.description, isSetAside: true)
    }

    /// What decisions for visitors of an environment are made by; nil when there is no such project.
    public func plan(_ projectID: Int64, environment: String?) async throws -> (ServedRevision, DecisionPlan)? {
        guard let loaded = try await current(projectID) else { return nil }
        let selection = ServingSelection(environment: environment)
        if let known = loaded.plan(selection) { return (loaded.served, known) }
        let made = try await loaded.planning.value(selection) { [wholeDocuments] in
            let plan = try await wholeDocuments.run(for: nil) {
                DecisionPlan(ServedConfig(loaded.served.project, selection))
            }
            loaded.keep(plan, selection)
            return plan
        }
        return (loaded.served, made)
    }

    private func current(_ id: Int64) async throws -> LoadedProject? {
        // Counted first: what is committed while this looks is seen by the next call.
        let commits = source.commits
        let entry = entries.withLock { $0[id] }
        let isFresh = entry.map { clock.now.seconds - $0.loaded.loadedAt.seconds < Self.lifetimeSeconds } ?? false
        if let entry, isFresh {
            if entry.commits == commits { return entry.loaded }
            // Something has changed; mostly something else.
            if try await source.revision(id) == entry.loaded.served.revision {
                entries.withLock { entries in
                    if entries[id]?.loaded === entry.loaded { entries[id]?.commits = commits }
                }
                return entry.loaded
            }
        }
        let loaded = try await readable(id, commits: commits)
        return entries.withLock { entries in
            guard let loaded else {
                entries[id] = nil
                return nil
            }
            // Somebody else has read it later.
            if let other = entries[id], other.loaded.served.revision > loaded.served.revision { return other.loaded }
            if entries.count >= Self.maximumProjects, entries[id] == nil, let any = entries.keys.first {
                entries[any] = nil
            }
            entries[id] = Entry(commits: commits, loaded: loaded)
            return loaded
        }
    }

    private func readable(_ id: Int64, commits: Int) async throws -> LoadedProject? {
        try defects.check(id, commits: commits)
        let loaded: LoadedProject?
        do {
            loaded = try await load(id)
        } catch {
            throw await defects.note(error, of: id, commits: commits)
        }
        try await defects.settle(id)
        return loaded
    }

    /// Many requests that find a project changed wait for one reading of it.
    private func load(_ id: Int64) async throws -> LoadedProject? {
        let loaded = try await loading.value(id) { [self] in try await read(id) }
        // A reading that began before this request may miss what this request must see; the next one does not.
        guard let loaded, let revision = try await source.revision(id), revision != loaded.served.revision else {
            return loaded
        }
        return try await loading.value(id) { [self] in try await read(id) }
    }

    private func read(_ id: Int64) async throws -> LoadedProject? {
        let now = clock.now
        return try await source.load(id).map { LoadedProject($0, loadedAt: now) }
    }
}
