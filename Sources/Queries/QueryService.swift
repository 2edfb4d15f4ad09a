public import EventMirror
import Foundation
public import Logging
import Metrics
import Sandbox
import Synchronization

/// Runs read-only SQL over the events of one environment.
///
/// Each query has a process of its own, which sees the files of that environment's mirror and nothing else, and is
/// killed when its time is over: whatever a query does to the engine that runs it, it does to itself. See
/// ``EventsView`` for what queries see, `QueryGuard` for what they may do, ``QueryWorker`` for the process.
public final class QueryService: Sendable {
    private struct State {
        var running: [Int: QueryStop] = [:]
        var nextNumber = 0
        var isStopped = false
    }

    private let mirror: EventMirror
    private let workFolder: String
    private let limits: QueryLimits
    private let slots: QuerySlots
    private let pool: WorkerPool
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameters:
    ///   - mirror: the events, in files.
    ///   - mirrorFolder: where the mirror keeps them.
    ///   - workFolder: a folder for what queries keep in files; emptied.
    ///   - program: what runs a query.
    ///   - limits: what queries may take.
    /// - Throws: when `workFolder` cannot be made.
    public init(
        mirror: EventMirror, mirrorFolder: String, workFolder: String, program: WorkerProgram,
        limits: QueryLimits = QueryLimits(), logger: Logger
    ) throws {
        self.mirror = mirror
        self.workFolder = workFolder
        self.limits = limits
        self.logger = logger
        slots = QuerySlots(limits)
        try? FileManager.default.removeItem(atPath: workFolder)
        try FileManager.default.createDirectory(
            atPath: workFolder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        pool = WorkerPool(
            program: program,
            settings: WorkerSettings(
                engineBytes: limits.engineBytes, memoryBytes: limits.engineBytes + limits.memoryBytes,
                threads: limits.threads, mirrorFolder: mirrorFolder, workFolder: workFolder),
            size: limits.concurrentQueries)
    }

    /// Runs a query.
    ///
    /// - Parameters:
    ///   - sql: one SELECT statement over `events`, at most ``QueryLimits/textBytes`` long.
    ///   - environmentID: whose events.
    ///   - maxRows: rows at most, 1 to ``QueryLimits/maximumRows``; numbers outside are brought to the nearest end.
    ///   - timeoutSeconds: how long it may run, 1 to ``QueryLimits/maximumSeconds``; likewise. Waiting for a turn, and
    ///     for new events to be copied, comes before that.
    ///   - format: the form of the result.
    /// - Throws: ``QueryError``; `CancellationError` when the task is cancelled, which stops the query.
    public func run(
        sql: String, environmentID: Int64, maxRows: Int, timeoutSeconds: Int, format: QueryFormat
    ) async throws -> QueryResult {
        try QueryGuard.checkText(sql)
        let snapshot = try await snapshot(environmentID)
        try await slots.take(environmentID: environmentID, waiting: limits.waitingSeconds)
        defer { slots.giveBack(environmentID: environmentID) }
        let order = QueryOrder(
            sql: sql, files: snapshot.files, maxRows: min(max(maxRows, 1), QueryLimits.maximumRows),
            seconds: min(max(timeoutSeconds, 1), QueryLimits.maximumSeconds), format: format,
            resultBytes: limits.resultBytes, folder: "\(workFolder)/\(UUID().uuidString)",
            spillBytes: limits.spillBytes)
        do {
            // The files stay for as long as the snapshot is held.
            defer { withExtendedLifetime(snapshot) {} }
            return try await run(order)
        } catch QueryFailure.files(let reason) {
            logger.error("a query could not use its files", metadata: ["reason": "\(reason)"])
            await mirror.distrust(environmentID: environmentID)
            throw QueryError.unavailable("The server could not run the query; its log says why.")
        }
    }

    /// Ends all queries, and takes no more.
    public func stop() {
        let running = state.withLock { state in
            state.isStopped = true
            return Array(state.running.values)
        }
        for query in running { query.stop() }
        mirror.stop()
        pool.stop()
    }

    private func snapshot(_ environmentID: Int64) async throws -> MirrorSnapshot {
        do {
            return try await mirror.snapshot(
                environmentID: environmentID, waitingSeconds: limits.copyingSeconds)
        } catch MirrorError.underWay(let done, let total) {
            throw QueryError.preparing(done: done, total: total, retryAfterSeconds: 5)
        } catch  where state.withLock(\.isStopped) {
            throw Self.stopping
        } catch let error where !(error is CancellationError) {
            logger.error("events could not be copied for queries", metadata: ["reason": "\(error)"])
            throw QueryError.unavailable("The server could not copy the events that queries read; its log says why.")
        }
    }

    private func run(_ order: QueryOrder) async throws -> QueryResult {
        let stop = QueryStop()
        let number: Int? = state.withLock { state in
            guard !state.isStopped else { return nil }
            state.nextNumber += 1
            state.running[state.nextNumber] = stop
            return state.nextNumber
        }
        guard let number else { throw Self.stopping }
        defer { state.withLock { $0.running[number] = nil } }
        do {
            return try await withTaskCancellationHandler {
                try await pool.run { process in try Self.run(order, stop, on: process) }
            } onCancel: {
                stop.stop()
            }
        } catch is CancellationError where !Task.isCancelled {
            throw Self.stopping
        }
    }

    private static let stopping = QueryError.unavailable("The server is stopping. Send the same query again later.")

    private static func run(_ order: QueryOrder, _ stop: QueryStop, on process: ChildProcess) throws -> QueryResult {
        try FileManager.default.createDirectory(atPath: order.folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: order.folder) }
        do {
            return try QueryConversation(order: order, stop: stop).run(on: process)
        } catch QueryFailure.query(let error) {
            count(error)
            throw error
        } catch is WorkerFrameReader.Damaged {
            let error = QueryError.engineFailed(reason: "its process said what it never says")
            count(error)
            throw error
        } catch let error as QueryError {
            count(error)
            throw error
        }
    }

    /// Queries that were stopped, by why.
    private static func count(_ error: QueryError) {
        let reason: String? =
            switch error {
            case .timedOut: "time"
            case .outOfMemory: "memory"
            case .tooLarge: "size"
            case .engineFailed: "failure"
            default: nil
            }
        guard let reason else { return }
        Counter(label: "sextant_queries_stopped_total", dimensions: [("reason", reason)]).increment()
    }
}
