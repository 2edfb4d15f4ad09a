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
        let environment: String?
        let continuation: CheckedContinuation<[TrackingRejection: Int], any Error>
    }

    private struct Queue {
        var waiting: [Waiting] = []
        var weight = 0
        var isStopped = false
    }

    /// Visitors and events that may wait; with more, requests are turned away.
    private static let maximumWaitingWeight = 100_000
    /// Visitors and events decided on in one transaction, as long as one request alone has no more.
    private static let maximumWeightAtOnce = 8_000
    /// Rows that go to the event store at a time: one an experience that an event counts for.
    private static let maximumRowsAtOnce = 2_000

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
    ///   - environment: the only one that the client may see; nil for all.
    /// - Returns: how many were not stored, by reason.
    /// - Throws: ``TrackingError``.
    public func track(
        _ batch: TrackingBatch, project: TrackedProject, environment: String?
    ) async throws -> [TrackingRejection: Int] {
        try await withCheckedThrowingContinuation { continuation in
            let waiting = Waiting(
                batch: batch, project: project, environment: environment, continuation: continuation)
            let refusal: TrackingError? = queue.withLock { queue in
                if queue.isStopped { return .failed }
                guard queue.waiting.isEmpty || queue.weight + batch.weight <= Self.maximumWaitingWeight else {
                    return .overloaded
                }
                queue.waiting.append(waiting)
                queue.weight += batch.weight
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
        // Its own task: writes of one that is cancelled would be cancelled, too.
        let worker = Task { await work() }
        await withTaskCancellationHandler {
            await worker.value
        } onCancel: {
            raise.finish()
        }
    }

    private func work() async {
        var outbox = Outbox()
        // Known once there is something to store.
        var identifiers: EventIdentifierSequence?
        // What could not be delivered is tried again now and then.
        let ticks = Task { [raise] in
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.retryInterval)
                raise.yield()
            }
        }
        defer { ticks.cancel() }
        raise.yield()
        var isRecovered = false
        for await _ in signal {
            do {
                if !isRecovered {
                    try await recover(&outbox)
                    isRecovered = true
                }
            } catch {
                logger.error("experiment events of before cannot be read", metadata: ["reason": "\(error)"])
                for waiting in takeAll(stopping: false) { waiting.continuation.resume(throwing: TrackingError.failed) }
                continue
            }
            await deliver(&outbox)
            while case let group = takeGroup(), !group.isEmpty { await process(group, &identifiers, &outbox) }
        }
        for waiting in takeAll(stopping: true) {
            if isRecovered {
                await process([waiting], &identifiers, &outbox)
            } else {
                waiting.continuation.resume(throwing: TrackingError.failed)
            }
        }
    }

    private static let retryInterval = Duration.seconds(2)

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

    private func takeAll(stopping: Bool) -> [Waiting] {
        queue.withLock { queue in
            defer {
                queue.waiting = []
                queue.weight = 0
            }
            if stopping { queue.isStopped = true }
            return queue.waiting
        }
    }

    private func takeGroup() -> [Waiting] {
        queue.withLock { queue in
            var (count, weight) = (0, 0)
            while count < queue.waiting.count,
                count == 0 || weight + queue.waiting[count].batch.weight <= Self.maximumWeightAtOnce
            {
                weight += queue.waiting[count].batch.weight
                count += 1
            }
            defer {
                queue.waiting.removeFirst(count)
                queue.weight -= weight
            }
            return Array(queue.waiting.prefix(count))
        }
    }

    private func process(
        _ group: [Waiting], _ identifiers: inout EventIdentifierSequence?, _ outbox: inout Outbox
    ) async {
        do {
            let sequence: EventIdentifierSequence
            if let identifiers {
                sequence = identifiers
            } else {
                sequence = EventIdentifierSequence(after: try await events.lastExperimentEvent())
            }
            let decided = try await decide(group, sequence)
            identifiers = decided.identifiers
            // From here on they are on disk, wherever.
            for written in decided.written { await deliver(written, &outbox) }
            for (waiting, rejections) in zip(group, decided.rejections) {
                Self.count(rejections, of: waiting.batch.count)
                waiting.continuation.resume(returning: rejections)
            }
        } catch {
            logger.error("experiment events could not be stored", metadata: ["reason": "\(error)"])
            for waiting in group { waiting.continuation.resume(throwing: TrackingError.failed) }
        }
    }

    /// What of the outbox the event store has not taken yet, or has taken and is still in the outbox.
    private struct Outbox {
        var waiting: Set<Int64> = []
        var delivered: Set<Int64> = []
    }

    /// Tries what could not be delivered once more. One that cannot holds up no other.
    private func deliver(_ outbox: inout Outbox) async {
        for id in outbox.waiting.union(outbox.delivered).sorted() {
            let events = try? await store.database.read { database in
                try String.fetchOne(database, sql: "SELECT events FROM exposure_outbox WHERE id = ?", arguments: [id])
            }
            guard let events else { continue }
            await deliver(Written(id: id, events: events), &outbox)
        }
    }

    private func deliver(_ written: Written, _ outbox: inout Outbox) async {
        do {
            if !outbox.delivered.contains(written.id) { try await events.append(written.events) }
            outbox.waiting.remove(written.id)
            outbox.delivered.insert(written.id)
            try await store.database.write { database in
                try database.execute(sql: "DELETE FROM exposure_outbox WHERE id = ?", arguments: [written.id])
            }
            outbox.delivered.remove(written.id)
        } catch {
            if !outbox.delivered.contains(written.id) { outbox.waiting.insert(written.id) }
            logger.error("experiment events wait for the event store", metadata: ["reason": "\(error)"])
        }
    }

    private struct Written: Sendable {
        let id: Int64
        let events: String
    }

    private struct Decided: Sendable {
        let rejections: [[TrackingRejection: Int]]
        let written: [Written]
        let identifiers: EventIdentifierSequence
    }

    private func decide(_ group: [Waiting], _ identifiers: EventIdentifierSequence) async throws -> Decided {
        let now = clock.now
        return try await store.database.write { database in
            var identifiers = identifiers
            var states = try VisitorStates(group.map { ($0.project.id, $0.batch) }, from: database)
            var events: [ExperimentEvent] = []
            var traffic = AddedTraffic()
            var rejections: [[TrackingRejection: Int]] = []
            for waiting in group {
                var rejected: [TrackingRejection: Int] = [:]
                for visitor in waiting.batch.visitors {
                    let decision = try TrackingDecision(
                        visitor, isEnriched: waiting.batch.isEnriched, states[waiting.project.id, visitor.id],
                        waiting.project, environment: waiting.environment
                    ) { goalID, transactionID in
                        try database.execute(
                            sql: """
                                INSERT OR IGNORE INTO tracked_transactions (project_id, goal_id, transaction_id)
                                SELECT id, ?2, ?3 FROM projects WHERE id = ?1
                                """,
                            arguments: [waiting.project.id, goalID, transactionID])
                        return database.changesCount > 0
                    }
                    rejected.merge(decision.rejections, uniquingKeysWith: +)
                    guard decision.rejections[.visitor] == nil else { continue }
                    states[waiting.project.id, visitor.id] = decision.state
                    for kept in decision.kept {
                        traffic.count(kept, projectID: waiting.project.id)
                        events.append(
                            ExperimentEvent(
                                id: identifiers.next(at: now),
                                environmentID: waiting.project.environmentID(kept.environment ?? waiting.environment),
                                projectID: waiting.project.id, kind: kept.kind, occurredAt: now, receivedAt: now,
                                visitorID: visitor.id, assignments: kept.assignments, goalID: kept.conversion?.goalID,
                                revenue: kept.conversion?.revenue, productsCount: kept.conversion?.productsCount,
                                transactionID: kept.conversion?.transactionID, segments: kept.segments))
                    }
                }
                rejections.append(rejected)
            }
            try states.save(at: now, in: database)
            try traffic.save(in: database)
            let written = try Self.slices(events).map { slice in
                let encoded = ExperimentEvent.encoded(Array(slice))
                try database.execute(
                    sql: "INSERT INTO exposure_outbox (first_exposure_id, events) VALUES (?, ?)",
                    arguments: [slice.first?.id.description, encoded])
                return Written(id: database.lastInsertedRowID, events: encoded)
            }
            return Decided(rejections: rejections, written: written, identifiers: identifiers)
        }
    }

    /// Events in the pieces that the event store takes at a time.
    private static func slices(_ events: [ExperimentEvent]) -> [ArraySlice<ExperimentEvent>] {
        var slices: [ArraySlice<ExperimentEvent>] = []
        var (start, rows) = (0, 0)
        for (index, event) in events.enumerated() {
            let own = max(event.assignments.count, 1)
            if index > start, rows + own > maximumRowsAtOnce {
                slices.append(events[start..<index])
                (start, rows) = (index, 0)
            }
            rows += own
        }
        if start < events.count { slices.append(events[start...]) }
        return slices
    }

    /// Finds what a crash kept from the event store. A piece goes there in one commit: its first event tells.
    private func recover(_ outbox: inout Outbox) async throws {
        let left = try await store.database.read { database in
            try Row.fetchAll(database, sql: "SELECT id, first_exposure_id FROM exposure_outbox ORDER BY id").map {
                (id: $0["id"] as Int64, first: $0["first_exposure_id"] as String)
            }
        }
        for (id, first) in left {
            guard let identifier = EventIdentifier(first) else { continue }
            if try await events.hasExperimentEvent(identifier) {
                outbox.delivered.insert(id)
            } else {
                outbox.waiting.insert(id)
            }
        }
        await deliver(&outbox)
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
