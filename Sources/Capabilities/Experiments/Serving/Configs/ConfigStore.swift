import JSON
public import ServingDocument
import Synchronization
public import Time

/// The config documents of projects: made once after each change, then answered from memory.
public final class ConfigStore: Sendable {
    /// Where projects come from.
    public struct Source: Sendable {
        /// Goes up whenever something of any project has been committed.
        let commits: @Sendable () -> Int
        /// The project's own count of changes; nil when there is none.
        let revision: @Sendable (_ projectID: Int64) async throws -> Int64?
        let load: @Sendable (_ projectID: Int64) async throws -> ServedRevision?

        public init(
            commits: @escaping @Sendable () -> Int,
            revision: @escaping @Sendable (_ projectID: Int64) async throws -> Int64?,
            load: @escaping @Sendable (_ projectID: Int64) async throws -> ServedRevision?
        ) {
            self.commits = commits
            self.revision = revision
            self.load = load
        }
    }

    /// A project as it was at one revision.
    private final class Loaded: Sendable {
        let served: ServedRevision
        let loadedAt: Timestamp
        let documents = Mutex<[ServingSelection: Made]>([:])
        /// By environment.
        let plans = Mutex<[String?: DecisionPlan]>([:])

        /// A document, or nothing where it would be larger than is served.
        typealias Made = Result<ConfigDocument, ConfigDocument.Oversized>

        init(_ served: ServedRevision, loadedAt: Timestamp) {
            self.served = served
            self.loadedAt = loadedAt
        }
    }

    private struct Entry {
        /// What the count of commits was when the entry was last found right.
        var commits: Int
        let loaded: Loaded
    }

    /// Projects whose documents are kept; of more, any are forgotten.
    private static let maximumProjects = 1_000
    /// Documents of one project, and their bytes: requests may ask for any set of experiences.
    private static let maximumDocuments = 64
    private static let maximumDocumentBytes = 64 * 1_048_576
    /// What depends on the time, such as which archived experiences are recent, is as old as this at most.
    private static let lifetimeSeconds: Int64 = 3_600

    private let source: Source
    private let defects: ConfigDefects
    private let clock: WallClock
    private let entries = Mutex<[Int64: Entry]>([:])
    private let loading = Mutex<[Int64: Task<Loaded?, any Error>]>([:])

    public init(source: Source, defects: ConfigDefects, clock: WallClock) {
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
    /// - Parameter select: what of the project as it is now.
    /// - Throws: ``UnservableProject`` when something of it cannot be read, or the document would be too large.
    public func document(
        _ projectID: Int64, select: (ServedRevision) -> ServingSelection
    ) async throws -> ConfigDocument? {
        guard let loaded = try await current(projectID) else { return nil }
        let selection = select(loaded.served)
        let known = loaded.documents.withLock { $0[selection] }
        let made = known ?? Self.make(selection, of: loaded)
        do {
            return try made.get()
        } catch {
            if known == nil { try await defects.setAside(error, of: projectID) }
            throw UnservableProject(projectID: projectID, reason: error.description, isSetAside: true)
        }
    }

    private static func make(_ selection: ServingSelection, of loaded: Loaded) -> Loaded.Made {
        let made = Loaded.Made { () throws(ConfigDocument.Oversized) in
            try ConfigDocument(ServingDocument.make(loaded.served.project, selection))
        }
        loaded.documents.withLock { documents in
            let size = documents.values.reduce(made.size) { $0 + $1.size }
            // Sets of experiences are asked for by few; whole documents by all.
            if documents.count >= Self.maximumDocuments || size > Self.maximumDocumentBytes {
                documents = documents.filter { $0.key.experienceIDs == nil && !$0.key.isDebug }
            }
            documents[selection] = made
        }
        return made
    }

    /// What decisions for visitors of an environment are made by; nil when there is no such project.
    public func plan(_ projectID: Int64, environment: String?) async throws -> (ServedRevision, DecisionPlan)? {
        guard let loaded = try await current(projectID) else { return nil }
        if let known = loaded.plans.withLock({ $0[environment] }) { return (loaded.served, known) }
        let document = ServingDocument.make(loaded.served.project, ServingSelection(environment: environment))
        let made = DecisionPlan(document: document)
        loaded.plans.withLock { plans in
            if plans.count >= Self.maximumDocuments { plans.removeAll() }
            plans[environment] = made
        }
        return (loaded.served, made)
    }

    private func current(_ id: Int64) async throws -> Loaded? {
        // Counted first: what is committed while this looks is seen by the next call.
        let commits = source.commits()
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

    private func readable(_ id: Int64, commits: Int) async throws -> Loaded? {
        try defects.check(id, commits: commits)
        let loaded: Loaded?
        do {
            loaded = try await load(id)
        } catch {
            throw await defects.note(error, of: id, commits: commits)
        }
        try await defects.settle(id)
        return loaded
    }

    /// Many requests that find a project changed wait for one reading of it.
    private func load(_ id: Int64) async throws -> Loaded? {
        let task = loading.withLock { loading in
            if let task = loading[id] { return task }
            let task = Task { [source, clock] in
                let now = clock.now
                return try await source.load(id).map { Loaded($0, loadedAt: now) }
            }
            loading[id] = task
            return task
        }
        defer { loading.withLock { if $0[id] == task { $0[id] = nil } } }
        let loaded = try await task.value
        // A reading that began before this request may miss what this request must see.
        if let loaded, let revision = try await source.revision(id), revision != loaded.served.revision {
            loading.withLock { if $0[id] == task { $0[id] = nil } }
            return try await source.load(id).map { Loaded($0, loadedAt: clock.now) }
        }
        return loaded
    }
}

extension Result<ConfigDocument, ConfigDocument.Oversized> {
    /// Bytes that it holds.
    fileprivate var size: Int {
        switch self {
        case .success(let document): document.bytes.count + (document.gzip?.count ?? 0)
        case .failure: 0
        }
    }
}
