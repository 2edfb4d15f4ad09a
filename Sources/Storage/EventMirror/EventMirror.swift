public import EventStore
import Foundation
public import Logging
import Synchronization

/// A copy of the event log that others may read while the log belongs to this process: a folder for each environment and
/// table, with Parquet files of the columns that are shown (``ShownTable``) and a manifest that names them.
///
/// A mirror is brought up to date when somebody asks for it, and follows deletions at once.
public final class EventMirror: Sendable {
    private let store: EventStore
    private let folder: String
    private let logger: Logger
    private let segmentRows: Int
    private let copies = Turns(atOnce: 2)
    private let state = Mutex(State())

    private struct State {
        /// By their folders.
        var mirrors: [String: EnvironmentMirror] = [:]
        var isStopped = false
    }

    /// Looks after what an earlier process left behind.
    /// - Parameters:
    ///   - store: the log.
    ///   - folder: where the mirrors lie; made when it is missing.
    ///   - segmentRows: events of one file at most, give or take a few.
    public init(store: EventStore, folder: String, logger: Logger, segmentRows: Int = 1_000_000) throws {
        self.store = store
        self.folder = folder
        self.logger = logger
        self.segmentRows = segmentRows
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let number = Int64(name.prefix { $0.isASCII && $0.isNumber })
            for table in ShownTable.all where number.map({ Self.folderName(table, $0) }) == name {
                _ = MirrorFolder(table: table, path: "\(folder)/\(name)").load()
            }
        }
    }

    /// The rows of an environment, with all that was committed before the call.
    ///
    /// - Parameters:
    ///   - table: of which table.
    ///   - seconds: how long to wait for them at most. The work goes on afterwards.
    /// - Throws: ``MirrorError``; `CancellationError`, also after ``stop()``; errors of the engine when it cannot read the log.
    public func snapshot(
        of table: ShownTable = .events, environmentID: Int64, waitingSeconds seconds: Double
    ) async throws -> MirrorSnapshot {
        let mirror = mirror(of: table, environmentID)
        guard let outcome = try await Self.outcome(of: mirror.update(), waitingSeconds: seconds) else {
            throw mirror.progress
        }
        try outcome.get()
        return mirror.snapshot
    }

    /// Takes out of an environment's mirror what is no longer in the log. Returns once no file holds it, but for files
    /// that a query is reading, which go with the query.
    public func reconcile(environmentID: Int64) async throws {
        for table in ShownTable.all { try await mirror(of: table, environmentID).reconcile() }
    }

    /// Removes the mirror of an environment that is gone.
    public func deleteAll(environmentID: Int64) async {
        for table in ShownTable.all { await mirror(of: table, environmentID).remove() }
    }

    /// Has the next snapshot look whether an environment's files are as they were written, and make anew those that are
    /// not: for whoever could not read them, or read what cannot be.
    /// - Returns: false when that was done less than a minute ago.
    public func doubt(_ table: ShownTable = .events, environmentID: Int64) -> Bool {
        mirror(of: table, environmentID).doubt()
    }

    /// Copies nothing more for queries, and ends what is under way: who waits for it gets a `CancellationError`.
    /// Deletions are still followed.
    public func stop() {
        let mirrors = state.withLock { state in
            state.isStopped = true
            return Array(state.mirrors.values)
        }
        for mirror in mirrors { mirror.stop() }
    }

    private func mirror(of table: ShownTable, _ environmentID: Int64) -> EnvironmentMirror {
        let path = "\(folder)/\(Self.folderName(table, environmentID))"
        return state.withLock { state in
            if let known = state.mirrors[path] { return known }
            let mirror = EnvironmentMirror(
                environmentID: environmentID, store: store, folder: MirrorFolder(table: table, path: path),
                copies: copies, segmentRows: segmentRows, logger: logger)
            if state.isStopped { mirror.stop() }
            state.mirrors[path] = mirror
            return mirror
        }
    }

    /// Events of products came first, and have the environment's number alone.
    private static func folderName(_ table: ShownTable, _ environmentID: Int64) -> String {
        table.name == ShownTable.events.name ? "\(environmentID)" : "\(environmentID)-\(table.name)"
    }

    /// What became of a task; nil when it is not done in time.
    private static func outcome(
        of task: Task<Void, any Error>, waitingSeconds seconds: Double
    ) async throws -> Result<Void, any Error>? {
        let (outcomes, continuation) = AsyncStream.makeStream(of: Result<Void, any Error>?.self)
        Task {
            continuation.yield(await task.result)
            continuation.finish()
        }
        let timer = Task {
            try await Task.sleep(for: .seconds(seconds))
            continuation.finish()
        }
        defer { timer.cancel() }
        for await outcome in outcomes { return outcome }
        try Task.checkCancellation()
        return nil
    }
}
