public import EventMirror
import EventStore
import Foundation
public import Logging
import Metrics
import Sandbox
import Synchronization
import Text

/// Runs read-only SQL over the events of one environment.
///
/// Each query has a process of its own, which sees the files of that environment's mirror and nothing else, and is
/// killed when its time is over: whatever a query does to the engine that runs it, it does to itself. See
/// `ShownTable` for what queries see, `QueryGuard` for what they may do, ``QueryWorker`` for the process.
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
    private let wholeSlots: QuerySlots
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
        wholeSlots = QuerySlots.ofWholeResults(limits)
        pool = try WorkerPool(
            program: program, limits: limits, readableFolder: mirrorFolder, workFolder: workFolder,
            size: limits.concurrentQueries, logger: logger)
    }

    /// Runs a query.
    ///
    /// - Parameters:
    ///   - sql: one SELECT statement over `events` and `experiment_events`, at most ``QueryLimits/textBytes`` long.
    ///   - environmentID: whose events.
    ///   - maxRows: rows at most, 1 to ``QueryLimits/maximumRows``; numbers outside are brought to the nearest end.
    ///   - timeoutSeconds: how long it may run, 1 to ``QueryLimits/maximumSeconds``; likewise. Waiting for a turn, and
    ///     for new events to be copied, comes before that.
    ///   - format: the form of the result.
    /// - Throws: ``QueryError``; `CancellationError` when the task is cancelled, which stops the query.
    public func run(
        sql: String, environmentID: Int64, maxRows: Int, timeoutSeconds: Int, format: QueryFormat
    ) async throws -> QueryResult {
        let order = order(
            sql, maxRows: min(max(maxRows, 1), QueryLimits.maximumRows),
            seconds: min(max(timeoutSeconds, 1), QueryLimits.maximumSeconds), format)
        return try await run(order, environmentID, into: nil)
    }

    /// Runs a query and hands over its whole result as it comes.
    ///
    /// Whole results have fewer places than other queries, and take one of theirs besides, so that however long they
    /// take there is room for others.
    ///
    /// - Parameters:
    ///   - sql: as for `run`.
    ///   - environmentID: whose events.
    ///   - timeoutSeconds: how long it may run, 1 to ``QueryLimits/maximumSecondsOfWholeResults``; numbers outside are
    ///     brought to the nearest end. Time in which `sink` waits counts.
    ///   - format: the form of the result.
    ///   - sink: takes the next bytes; it may block, until `isOver` says that the query's time is. What it throws ends
    ///     the query.
    /// - Returns: how many rows went there.
    /// - Throws: as `run` does, also when much of the result was handed over: then it is not whole; what `sink` throws.
    public func stream(
        sql: String, environmentID: Int64, timeoutSeconds: Int, format: QueryFormat,
        into sink: @escaping @Sendable (_ bytes: [UInt8], _ isOver: () -> Bool) throws -> Void
    ) async throws -> Int {
        try await wholeSlots.take(environmentID: environmentID, waiting: limits.waitingSeconds)
        defer { wholeSlots.giveBack(environmentID: environmentID) }
        let order = order(
            sql, maxRows: nil,
            seconds: min(max(timeoutSeconds, 1), QueryLimits.maximumSecondsOfWholeResults), format)
        return try await run(order, environmentID, into: WholeResultSink(sink)).rowCount
    }

    private func order(_ sql: String, maxRows: Int?, seconds: Int, _ format: QueryFormat) -> QueryOrder {
        QueryOrder(
            sql: sql, tables: [], maxRows: maxRows, seconds: seconds, format: format,
            resultBytes: maxRows == nil ? limits.spillBytes : limits.resultBytes,
            folder: "\(workFolder)/\(UUID().uuidString)", spillBytes: limits.spillBytes)
    }

    private func run(
        _ order: QueryOrder, _ environmentID: Int64, into sink: WholeResultSink?
    ) async throws -> QueryResult {
        try QueryGuard.checkText(order.sql)
        let snapshot = try await snapshot(of: Self.tables(namedIn: order.sql), environmentID)
        try await slots.take(environmentID: environmentID, waiting: limits.waitingSeconds)
        defer { slots.giveBack(environmentID: environmentID) }
        do {
            return try await run(order, over: snapshot, into: sink)
        } catch let failure as QueryFailure {
            guard sink?.isUntouched ?? true,
                let mended = try await self.mended(snapshot, environmentID, after: failure)
            else { throw answer(to: failure) }
            return try await runAgain(order, over: mended, into: sink)
        }
    }

    private func runAgain(
        _ order: QueryOrder, over snapshot: QuerySnapshot, into sink: WholeResultSink?
    ) async throws -> QueryResult {
        do {
            return try await run(order, over: snapshot, into: sink)
        } catch let failure as QueryFailure {
            throw answer(to: failure)
        }
    }

    /// Other files of the environment, when those that a query failed with turn out to be damaged; nil when they are as
    /// they were written.
    private func mended(
        _ snapshot: QuerySnapshot, _ environmentID: Int64, after failure: QueryFailure
    ) async throws -> QuerySnapshot? {
        if case .query = failure { return nil }
        let doubted = snapshot.parts.map { mirror.doubt($0.table, environmentID: environmentID) }
        guard doubted.contains(true) else { return nil }
        let found = try await self.snapshot(of: snapshot.parts.map(\.table), environmentID)
        return found.tables == snapshot.tables ? nil : found
    }

    private func answer(to failure: QueryFailure) -> any Error {
        switch failure {
        case .query(let error), .doubtful(let error):
            Self.count(error)
            return error
        case .files(let reason):
            logger.error("a query could not use its files", metadata: ["reason": "\(reason)"])
            return QueryError.unavailable("The server could not run the query; its log says why.")
        }
    }

    /// Queries that run, and those that wait for their turn.
    public var load: (running: Int, waiting: Int) { (state.withLock { $0.running.count }, slots.waitingCount) }

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

    /// The tables that a text may name: what it does not name need not be copied. Names come as they are, since neither
    /// quotes nor comments can stand within one.
    private static func tables(namedIn sql: String) -> [ShownTable] {
        let text = sql.asciiLowercased
        return ShownTable.all.filter { $0.name == ShownTable.events.name || text.containsBytes(of: $0.name) }
    }

    private func snapshot(of tables: [ShownTable], _ environmentID: Int64) async throws -> QuerySnapshot {
        do {
            var parts: [(table: ShownTable, files: MirrorSnapshot)] = []
            for table in tables {
                let files = try await mirror.snapshot(
                    of: table, environmentID: environmentID, waitingSeconds: limits.copyingSeconds)
                parts.append((table, files))
            }
            return QuerySnapshot(parts: parts)
        } catch MirrorError.underWay(let done, let total) {
            throw QueryError.preparing(done: done, total: total, retryAfterSeconds: 5)
        } catch  where state.withLock(\.isStopped) {
            throw Self.stopping
        } catch let error where !(error is CancellationError) {
            logger.error("events could not be copied for queries", metadata: ["reason": "\(error)"])
            throw QueryError.unavailable("The server could not copy the events that queries read; its log says why.")
        }
    }

    /// The files stay for as long as the snapshot is held.
    private func run(
        _ order: QueryOrder, over snapshot: QuerySnapshot, into sink: WholeResultSink?
    ) async throws -> QueryResult {
        defer { withExtendedLifetime(snapshot) {} }
        let order = order.over(snapshot.tables)
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
                try await pool.run { process in try Self.run(order, stop, sink, on: process) }
            } onCancel: {
                stop.stop()
            }
        } catch let death as WorkerNotBegun {
            throw QueryFailure.files(reason: "the process for the query did not start: \(death.reason)")
        } catch is CancellationError where !Task.isCancelled {
            throw Self.stopping
        }
    }

    private static let stopping = QueryError.unavailable("The server is stopping. Send the same query again later.")

    private static func run(
        _ order: QueryOrder, _ stop: QueryStop, _ sink: WholeResultSink?, on process: ChildProcess
    ) throws -> QueryResult {
        try FileManager.default.createDirectory(atPath: order.folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: order.folder) }
        do {
            return try QueryConversation(order: order, stop: stop, sink: sink).run(on: process)
        } catch is WorkerFrameReader.Damaged {
            throw QueryFailure.doubtful(.engineFailed(reason: "its process said what it never says"))
        } catch QueryError.engineFailed(let reason) {
            throw QueryFailure.doubtful(.engineFailed(reason: reason))
        } catch let error as QueryError {
            throw QueryFailure.query(error)
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

/// What a query reads, in files that stay for as long as this does.
private struct QuerySnapshot: Sendable {
    let parts: [(table: ShownTable, files: MirrorSnapshot)]

    var tables: [QueryOrder.Table] { parts.map { QueryOrder.Table(name: $0.table.name, files: $0.files.files) } }
}
