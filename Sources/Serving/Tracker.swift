public import ControlStore
public import EventStore
import GRDB
import JSON
public import Logging
import Metrics
import Synchronization
public import Time

/// Stores what visitors of experiments do: all of a request, once, before the request is answered.
///
/// Requests queue; one loop takes all that wait and decides, in one transaction of the control store, what each event
/// counts for. The same transaction writes the events down in an outbox, so from then on nothing is lost; they then go
/// to the event store in one commit, and the requests are answered. After a crash the outbox tells what is missing there.
public final class Tracker: Sendable {
    private struct Waiting: Sendable {
        let batch: TrackingBatch
        let project: TrackedProject
        let environmentID: Int64
        let continuation: CheckedContinuation<[TrackingRejection: Int], any Error>
    }

    private struct Queue {
        var waiting: [Waiting] = []
        var isStopped = false
    }

    /// Events that may wait; with more, requests are turned away.
    private static let maximumWaitingEvents = 100_000
    /// Events decided on in one transaction, as long as one request alone has no more.
    private static let maximumEventsAtOnce = 20_000

    private let store: ControlStore
    private let events: EventStore
    private let clock: WallClock
    private let logger: Logger
    private let queue = Mutex(Queue())
    private let signal: AsyncStream<Void>
    private let raise: AsyncStream<Void>.Continuation

    public init(store: ControlStore, events: EventStore, clock: WallClock, logger: Logger) {
        self.store = store
        self.events = events
        self.clock = clock
        self.logger = logger
        (signal, raise) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Stores a request's events; they are on disk when this returns.
    /// - Parameters:
    ///   - project: what the events may count for.
    ///   - environmentID: where the events belong.
    /// - Returns: how many were not stored, by reason.
    /// - Throws: ``TrackingError``.
    public func track(
        _ batch: TrackingBatch, project: TrackedProject, environmentID: Int64
    ) async throws -> [TrackingRejection: Int] {
        try await withCheckedThrowingContinuation { continuation in
            let waiting = Waiting(
                batch: batch, project: project, environmentID: environmentID, continuation: continuation)
            let refusal: TrackingError? = queue.withLock { queue in
                if queue.isStopped { return .failed }
                let count = queue.waiting.reduce(0) { $0 + $1.batch.count }
                guard queue.waiting.isEmpty || count + batch.count <= Self.maximumWaitingEvents else {
                    return .overloaded
                }
                queue.waiting.append(waiting)
                return nil
            }
            if let refusal { return continuation.resume(throwing: refusal) }
            raise.yield()
        }
    }

    /// Counts a request none of whose events are stored.
    public func turnAway(_ batch: TrackingBatch, _ reason: TrackingRejection) {
        Self.count([reason: batch.count], of: batch.count)
    }

    /// Works until the task is cancelled; what is queued by then is still stored, and nothing is taken any more.
    public func run() async {
        var identifiers = EventIdentifierSequence(after: nil)
        var isReady = false
        while !isReady, !Task.isCancelled {
            do {
                try await recover()
                identifiers = EventIdentifierSequence(after: try await events.lastExperimentEvent())
                isReady = true
            } catch {
                logger.error("experiment events of before cannot be stored", metadata: ["reason": "\(error)"])
                for waiting in takeAll(stopping: false) { waiting.continuation.resume(throwing: TrackingError.failed) }
                try? await Task.sleep(for: Self.retryInterval)
            }
        }
        var late: [Written] = []
        // A wait that ends by itself, so that what could not be delivered is tried again.
        let ticks = Task { [raise] in
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.retryInterval)
                raise.yield()
            }
        }
        for await _ in signal {
            await deliver(&late)
            while case let group = takeGroup(), !group.isEmpty { await process(group, &identifiers, &late) }
        }
        ticks.cancel()
        for waiting in takeAll(stopping: true) { await process([waiting], &identifiers, &late) }
    }

    private static let accepted = Counter(label: "sextant_experiment_events_accepted_total")

    /// Counts what was stored, and what was not by its reason.
    private static func count(_ rejections: [TrackingRejection: Int], of total: Int) {
        var rest = total
        for (reason, count) in rejections {
            rest -= count
            Counter(
                label: "sextant_experiment_events_rejected_total", dimensions: [("reason", reason.rawValue)]
            ).increment(by: count)
        }
        accepted.increment(by: rest)
    }

    private static let retryInterval = Duration.seconds(2)
    /// Groups that the event store has not taken yet; with more, nothing is taken in.
    private static let maximumLateGroups = 100

    private func takeAll(stopping: Bool) -> [Waiting] {
        queue.withLock { queue in
            defer { queue.waiting = [] }
            if stopping { queue.isStopped = true }
            return queue.waiting
        }
    }

    private func takeGroup() -> [Waiting] {
        queue.withLock { queue in
            var (count, events) = (0, 0)
            while count < queue.waiting.count,
                count == 0 || events + queue.waiting[count].batch.count <= Self.maximumEventsAtOnce
            {
                events += queue.waiting[count].batch.count
                count += 1
            }
            defer { queue.waiting.removeFirst(count) }
            return Array(queue.waiting.prefix(count))
        }
    }

    private func process(
        _ group: [Waiting], _ identifiers: inout EventIdentifierSequence, _ late: inout [Written]
    ) async {
        do {
            guard late.count < Self.maximumLateGroups else { throw TrackingError.failed }
            let sequence = identifiers
            let decided = try await decide(group, sequence)
            identifiers = decided.identifiers
            // From here on they are on disk, wherever.
            if let written = decided.written { late.append(written) }
            await deliver(&late)
            for (waiting, rejections) in zip(group, decided.rejections) {
                Self.count(rejections, of: waiting.batch.count)
                waiting.continuation.resume(returning: rejections)
            }
        } catch {
            logger.error("experiment events could not be stored", metadata: ["reason": "\(error)"])
            for waiting in group { waiting.continuation.resume(throwing: TrackingError.failed) }
        }
    }

    /// Takes what is written down to the event store, in order; what it does not take stays for later.
    private func deliver(_ late: inout [Written]) async {
        while let written = late.first {
            do {
                if !written.isDelivered { try await events.append(written.events) }
                late[0].isDelivered = true
                try await store.database.write { database in
                    try database.execute(sql: "DELETE FROM exposure_outbox WHERE id = ?", arguments: [written.id])
                }
                late.removeFirst()
            } catch {
                logger.error("experiment events wait for the event store", metadata: ["reason": "\(error)"])
                return
            }
        }
    }

    private struct Written: Sendable {
        let id: Int64
        let events: String
        /// Whether the event store has them, and only the outbox still does.
        var isDelivered = false
    }

    private struct Decided: Sendable {
        let rejections: [[TrackingRejection: Int]]
        let written: Written?
        let identifiers: EventIdentifierSequence
    }

    private func decide(_ group: [Waiting], _ identifiers: EventIdentifierSequence) async throws -> Decided {
        let now = clock.now
        return try await store.database.write { database in
            var identifiers = identifiers
            var states = try VisitorStates(group.map { ($0.project.id, $0.batch) }, from: database)
            var events: [ExperimentEvent] = []
            var rejections: [[TrackingRejection: Int]] = []
            for waiting in group {
                var rejected: [TrackingRejection: Int] = [:]
                for visitor in waiting.batch.visitors {
                    let decision = try TrackingDecision(
                        visitor, isEnriched: waiting.batch.isEnriched, states[waiting.project.id, visitor.id],
                        waiting.project
                    ) { goalID, transactionID in
                        try database.execute(
                            sql: """
                                INSERT OR IGNORE INTO tracked_transactions (project_id, goal_id, transaction_id)
                                VALUES (?, ?, ?)
                                """,
                            arguments: [waiting.project.id, goalID, transactionID])
                        return database.changesCount > 0
                    }
                    rejected.merge(decision.rejections, uniquingKeysWith: +)
                    guard decision.rejections[.visitor] == nil else { continue }
                    states[waiting.project.id, visitor.id] = decision.state
                    for kept in decision.kept {
                        events.append(
                            ExperimentEvent(
                                id: identifiers.next(at: now), environmentID: waiting.environmentID,
                                projectID: waiting.project.id, kind: kept.kind, occurredAt: now, receivedAt: now,
                                visitorID: visitor.id, assignments: kept.assignments, goalID: kept.conversion?.goalID,
                                revenue: kept.conversion?.revenue, productsCount: kept.conversion?.productsCount,
                                transactionID: kept.conversion?.transactionID, segments: kept.segments))
                    }
                }
                rejections.append(rejected)
            }
            try states.save(at: now, in: database)
            guard let first = events.first else {
                return Decided(rejections: rejections, written: nil, identifiers: identifiers)
            }
            let encoded = ExperimentEvent.encoded(events)
            try database.execute(
                sql: "INSERT INTO exposure_outbox (first_exposure_id, events) VALUES (?, ?)",
                arguments: [first.id.description, encoded])
            let written = Written(id: database.lastInsertedRowID, events: encoded)
            return Decided(rejections: rejections, written: written, identifiers: identifiers)
        }
    }

    /// Delivers what a crash kept from the event store. A group goes there in one commit: its first event tells.
    private func recover() async throws {
        let left = try await store.database.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM exposure_outbox ORDER BY id").map {
                (id: $0["id"] as Int64, first: $0["first_exposure_id"] as String, events: $0["events"] as String)
            }
        }
        for (id, first, encoded) in left {
            guard let identifier = EventIdentifier(first) else { continue }
            if try await !events.hasExperimentEvent(identifier) { try await events.append(encoded) }
            try await store.database.write { database in
                try database.execute(sql: "DELETE FROM exposure_outbox WHERE id = ?", arguments: [id])
            }
        }
    }
}

/// Why events were not stored.
public enum TrackingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Too many wait to be stored.
    case overloaded
    /// The disk did not take them.
    case failed

    public var description: String {
        switch self {
        case .overloaded: "too many events wait to be stored"
        case .failed: "the events could not be stored"
        }
    }
}
