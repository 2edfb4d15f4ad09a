public import EventStore
import Foundation
public import Logging
import Synchronization

/// A copy of the event log that others may read while the log belongs to this process: a folder an environment, with
/// Parquet files of the columns of ``EventsView`` and a manifest that names them.
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
        var environments: [Int64: EnvironmentMirror] = [:]
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
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where Int64(name) != nil {
            _ = MirrorFolder(path: "\(folder)/\(name)").load()
        }
    }

    /// The events of an environment, with all that was committed before the call.
    ///
    /// - Parameter seconds: how long to wait for them at most. The work goes on afterwards.
    /// - Throws: ``MirrorError``; `CancellationError`, also after ``stop()``; errors of the engine when it cannot read the log.
    public func snapshot(environmentID: Int64, waitingSeconds seconds: Double) async throws -> MirrorSnapshot {
        let mirror = mirror(of: environmentID)
        guard let outcome = try await Self.outcome(of: mirror.update(), waitingSeconds: seconds) else {
            throw mirror.progress
        }
        try outcome.get()
        return mirror.snapshot
    }

    /// Takes out of an environment's mirror what is no longer in the log. Returns once no file holds it, but for files
    /// that a query is reading, which go with the query.
    public func reconcile(environmentID: Int64) async throws {
        try await mirror(of: environmentID).reconcile()
    }

    /// Removes the mirror of an environment that is gone.
    public func deleteAll(environmentID: Int64) async {
        await mirror(of: environmentID).remove()
    }

    /// Has the next snapshot look whether an environment's files are as they were written, and make anew those that are
    /// not: for whoever could not read them, or read what cannot be.
    /// - Returns: false when that was done less than a minute ago.
    public func doubt(environmentID: Int64) -> Bool {
        mirror(of: environmentID).doubt()
    }

    /// Copies nothing more for queries, and ends what is under way: who waits for it gets a `CancellationError`.
    /// Deletions are still followed.
    public func stop() {
        let environments = state.withLock { state in
            state.isStopped = true
            return Array(state.environments.values)
        }
        for environment in environments { environment.stop() }
    }

    private func mirror(of environmentID: Int64) -> EnvironmentMirror {
        state.withLock { state in
            if let known = state.environments[environmentID] { return known }
            let mirror = EnvironmentMirror(
                environmentID: environmentID, store: store, folder: MirrorFolder(path: "\(folder)/\(environmentID)"),
                copies: copies, segmentRows: segmentRows, logger: logger)
            if state.isStopped { mirror.stop() }
            state.environments[environmentID] = mirror
            return mirror
        }
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
