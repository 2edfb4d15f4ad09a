public import DuckDB
import Foundation
public import Logging
import Synchronization

/// The event log: one append-only table in the embedded engine, and the connections to read it.
///
/// All SQL addresses a catalog named `lake`. Here it is a DuckDB file; nothing used on it goes beyond what a DuckLake
/// shared by several nodes knows too.
public final class EventStore: Sendable {
    /// What the engine may use.
    public struct Settings: Sendable {
        /// Memory that the engine may use in all; at least 256 MB. Larger sorts and joins spill to `temporaryDirectory`.
        public var memoryLimit = MemorySize(bytes: 1_000_000_000)
        /// Threads that share in one query.
        public var threads = 2
        /// Where queries that outgrow memory spill, nil for beside the file.
        public var temporaryDirectory: String?
        /// Queries that run at the same time; more wait their turn.
        public var readers = 6
        /// When ``EventStore/maintain()`` folds the write-ahead log into the file.
        public var checkpoints = CheckpointPolicy()
        /// A file by whose lock (`flock`) another process has the log's file stay as it is while it copies it; nil for none.
        public var copyingLock: String?
        /// Of which experiences summaries are kept for reports; nil for none.
        public var summaries: SummaryPolicy?

        public init() {}
    }

    /// What the rest of the data folder knows of the log: by it the log is recognised, and a loss noticed.
    public struct Knowledge: Sendable {
        /// ``EventStore/identity`` as it was last time; nil when there was no log.
        public var identity: UInt128?
        /// Up to where the log has been followed; nil when it never was.
        public var position: LogPosition?

        public init(identity: UInt128? = nil, position: LogPosition? = nil) {
            self.identity = identity
            self.position = position
        }
    }

    /// For reading. Bodies run on threads of their own.
    public let readers: EventConnections
    /// For what changes the file.
    let upkeep: EventConnections
    let upkeepGate: UpkeepGate?
    /// Tells this log from all others.
    public let identity: UInt128
    /// How often events were taken out of the log that nobody had asked to delete.
    let withdrawals = Atomic<Int>(0)
    /// Experiment events that came later than ones with greater ids.
    let latecomers = Latecomers()
    let engine: EventEngine
    let written = WrittenHalf()
    let lists = ReportTurns(atOnce: EventStore.listsAtOnce, mostWaiting: EventStore.mostListsWaiting)
    let reports = ReportTurns(atOnce: EventStore.reportsAtOnce, mostWaiting: EventStore.mostReportsWaiting)
    /// Nil when none are kept.
    let summaries: ExperimentSummaries?
    let tally: CheckpointTally
    let checkpointPolicy: CheckpointPolicy
    /// Nil for a log in memory.
    let files: EventLogFiles?
    let logger: Logger

    /// Opens the log, making it when it is new. Blocks until what a crash left in the write-ahead log is read back.
    /// - Parameters:
    ///   - path: the file; nil keeps everything in memory, for tests.
    ///   - knowledge: what the log must agree with.
    ///   - acceptsLoss: whether to go on without events that are lost, instead of throwing.
    ///   - onProgress: told what is being done, in a few words.
    /// - Throws: ``EventLogError``; `EngineError` when there is no engine.
    public init(
        path: String?, settings: Settings = Settings(), knowing knowledge: Knowledge = Knowledge(),
        acceptsLoss: Bool = false, onProgress: (@Sendable (String) -> Void)? = nil, logger: Logger
    ) throws {
        let files = path.map { EventLogFiles(path: $0, logger: logger) }
        let tally = CheckpointTally()
        let opening = EventLogOpening(
            files: files, settings: settings, tally: tally, acceptsLoss: acceptsLoss, onProgress: onProgress,
            logger: logger)
        (engine, identity) = try opening.open(knowledge)
        self.files = files
        self.tally = tally
        self.logger = logger
        checkpointPolicy = settings.checkpoints
        summaries = settings.summaries.map { [identity] in ExperimentSummaries($0, log: identity) }
        readers = EventConnections(engine: engine) { $0.readers }
        upkeepGate = settings.copyingLock.map { UpkeepGate(path: $0) }
        upkeep = EventConnections(engine: engine, pool: { $0.upkeep }, gate: upkeepGate)
    }

    /// A pool of a single connection, for work whose temporary tables must outlast one call. It ends when the engine has
    /// to be opened anew.
    public func makeSession() throws -> ConnectionPool {
        let instance = try engine.current()
        return try engine.makeSession(of: instance.database)
    }

    /// Changes whenever the log may have lost events that nobody asked to delete: those of a commit that was answered as
    /// failed, or what a failed engine left behind; or when experiment events have come among older ones. Whoever keeps a
    /// copy compares it with the log then.
    public var history: Int { engine.number + withdrawals.load(ordering: .acquiring) + latecomers.count }

    /// Why the log can be neither read nor written at present; nil while it can. What `/ready` asks.
    public var unavailability: String? { engine.unavailability }

    /// Why only a new start, or an operator, may help; nil while the process helps itself. What `/health` asks.
    public var failure: String? { engine.failure }
}
