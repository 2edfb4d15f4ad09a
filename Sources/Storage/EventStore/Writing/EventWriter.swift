import DuckDB
import Foundation
public import Logging
import Metrics
import Synchronization
public import Time

/// The one place where events become durable.
///
/// Requests hand in batches and wait. One thread takes all that are waiting, leaves out duplicates, appends the rest,
/// commits, and only then answers everybody (group commit): a commit costs one disk flush however many requests
/// share it.
public final class EventWriter: Sendable {
    /// How much may wait and go into one commit.
    public struct Limits: Sendable {
        /// Bytes of batches waiting before new ones are turned away.
        public var queueBytes = 128 * 1_024 * 1_024
        /// Rows of one commit, unless a single batch has more.
        public var commitRows = 20_000
        /// Client event ids remembered for deduplication, at up to 24 bytes each.
        public var rememberedEventIDs = 50_000_000

        public init() {}
    }

    private let queue: EventQueue
    private let feed: ProjectionFeed
    private let stopped = DispatchGroup()
    private let refusal = Mutex<String?>(nil)
    /// Until the writer's thread takes it over.
    private let committer: Mutex<EventCommitter?>

    /// Starts the writer's thread.
    /// - Parameters:
    ///   - store: an opened event store; ids already in it are continued.
    ///   - feed: who is told about what was committed.
    ///   - companies: that users are in.
    public init(
        store: EventStore, feed: ProjectionFeed, companies: UserCompanies = UserCompanies(), clock: WallClock,
        limits: Limits = Limits(), logger: Logger
    ) throws {
        queue = EventQueue(maximumBytes: limits.queueBytes)
        self.feed = feed
        committer = Mutex(
            try EventCommitter(
                store: store, companies: companies, clock: clock, rememberedEventIDs: limits.rememberedEventIDs,
                logger: logger))
        stopped.enter()
        EngineThread.start("event writer") { [stopped] in
            self.work(commitRows: limits.commitRows, logger: logger)
            stopped.leave()
        }
    }

    /// Stores a batch and returns once it is on disk.
    /// - Returns: what became of each event, in the batch's order.
    public func write(_ batch: EventBatch, priority: EventPriority) async throws(EventWriteError) -> [EventOutcome] {
        if feed.isOverloaded { throw .overloaded(retryAfterSeconds: 1) }
        let result: Result<[EventOutcome], EventWriteError> = await withUnsafeContinuation { continuation in
            let pending = PendingBatch(batch: batch) { continuation.resume(returning: $0) }
            switch queue.put(pending, priority: priority) {
            case .queued: break
            case .full: continuation.resume(returning: .failure(.overloaded(retryAfterSeconds: 1)))
            case .stopped: continuation.resume(returning: .failure(.stopped))
            }
        }
        return try result.get()
    }

    /// Why the store cannot take events at present; nil while it can. What `/ready` asks.
    public var failure: String? { refusal.withLock { $0 } }

    /// Batches that wait to be written.
    public var backlog: EventBacklog { queue.backlog }

    /// Tries every second whether the store takes anything again once it has refused a commit, until the task is cancelled:
    /// a balancer that asks `/ready` sends no events that would show it.
    public func watch() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            guard failure != nil else { continue }
            _ = try? await write(EventBatchBuilder(receivedAt: Timestamp(microseconds: 0)).build(), priority: .live)
        }
    }

    /// Writes what is queued, then ends the thread. Batches that come later are refused.
    public func stop() async {
        queue.stop()
        await withUnsafeContinuation { continuation in
            stopped.notify(queue: .global()) { continuation.resume() }
        }
    }

    private static let commits = Timer(label: "sextant_event_commit_seconds")
    private static let accepted = Counter(label: "sextant_events_accepted_total")
    private static let duplicates = Counter(label: "sextant_events_duplicate_total")

    /// The writer's thread.
    private func work(commitRows: Int, logger: Logger) {
        guard let committer = committer.withLock({ $0.take() }) else { return }
        while let pending = queue.takeAll(upToRows: commitRows) {
            commit(pending, with: committer, logger: logger)
        }
        committer.end()
    }

    private func commit(_ pending: [PendingBatch], with committer: EventCommitter, logger: Logger) {
        let started = DispatchTime.now()
        do {
            // A commit without rows would not touch the disk.
            if failure != nil, pending.allSatisfy(\.batch.isEmpty) { try committer.test() }
            let commit = try committer.commit(pending.map(\.batch), projected: feed.projected)
            refusal.withLock { $0 = nil }
            if let end = commit.end { feed.offer(commit.stored, upTo: end) }
            Self.commits.recordNanoseconds(Int64(DispatchTime.now().uptimeNanoseconds - started.uptimeNanoseconds))
            Self.accepted.increment(by: commit.acceptedCount)
            Self.duplicates.increment(by: commit.duplicateCount)
            for (pending, outcomes) in zip(pending, commit.outcomes) { pending.completion(.success(outcomes)) }
        } catch {
            logger.error("events could not be committed", metadata: ["reason": "\(error)"])
            refusal.withLock { $0 = "\(error)" }
            for pending in pending {
                pending.completion(.failure(.failed(reason: "the event store refused the commit.")))
            }
        }
    }
}
