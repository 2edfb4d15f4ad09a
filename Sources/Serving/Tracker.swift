public import ControlStore
public import EventStore
import GRDB
import JSON
public import Logging
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

    /// Events that may wait; with more, requests are turned away.
    private static let maximumWaitingEvents = 100_000
    /// Events decided on in one transaction, as long as one request alone has no more.
    private static let maximumEventsAtOnce = 20_000

    private let store: ControlStore
    private let events: EventStore
    private let clock: WallClock
    private let logger: Logger
    private let queue = Mutex<[Waiting]>([])
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
            let isQueued = queue.withLock { queue in
                let count = queue.reduce(0) { $0 + $1.batch.count }
                guard queue.isEmpty || count + batch.count <= Self.maximumWaitingEvents else { return false }
                queue.append(waiting)
                return true
            }
            guard isQueued else { return continuation.resume(throwing: TrackingError.overloaded) }
            raise.yield()
        }
    }

    /// Works until the task is cancelled; what is queued by then is still stored.
    public func run() async throws {
        try await recover()
        var identifiers = EventIdentifierSequence(after: try await events.lastExperimentEvent())
        for await _ in signal {
            while case let group = takeGroup(), !group.isEmpty { await process(group, &identifiers) }
        }
        while case let group = takeGroup(), !group.isEmpty { await process(group, &identifiers) }
    }

    private func takeGroup() -> [Waiting] {
        queue.withLock { queue in
            var (count, events) = (0, 0)
            while count < queue.count, count == 0 || events + queue[count].batch.count <= Self.maximumEventsAtOnce {
                events += queue[count].batch.count
                count += 1
            }
            defer { queue.removeFirst(count) }
            return Array(queue.prefix(count))
        }
    }

    private func process(_ group: [Waiting], _ identifiers: inout EventIdentifierSequence) async {
        do {
            let sequence = identifiers
            let decided = try await decide(group, sequence)
            identifiers = decided.identifiers
            if let written = decided.written { try await deliver(written) }
            for (waiting, rejections) in zip(group, decided.rejections) {
                waiting.continuation.resume(returning: rejections)
            }
        } catch {
            logger.error("experiment events could not be stored", metadata: ["reason": "\(error)"])
            for waiting in group { waiting.continuation.resume(throwing: TrackingError.failed) }
        }
    }

    private struct Written: Sendable {
        let id: Int64
        let events: String
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

    /// Takes what is written down to the event store.
    private func deliver(_ written: Written) async throws {
        try await events.append(written.events)
        try await store.database.write { database in
            try database.execute(sql: "DELETE FROM exposure_outbox WHERE id = ?", arguments: [written.id])
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
