public import ControlStore
public import EventStore
import JSON
public import Logging
import Metrics
import ServingDocument
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
        let answer: TrackingAnswer
        let queuedAt = ContinuousClock.now
    }

    private struct Queue {
        var waiting: [Waiting] = []
        var weight = 0
        /// What waits is still stored; goals that were reached stay where they are.
        var isStopping = false
        var isStopped = false
    }

    /// Visitors and events that may wait; with more, requests are turned away.
    private static let maximumWaitingWeight = 100_000
    /// Visitors and events decided on in one transaction, as long as one request alone has no more.
    private static let maximumWeightAtOnce = 8_000

    private let store: ControlStore
    private let events: EventStore
    private let reachedGoals: ReachedGoalStore
    private let quotas: (any TestedQuotas)?
    private let clock: WallClock
    private let logger: Logger
    private let queue = Mutex(Queue())
    private let signal: AsyncStream<Void>
    private let raise: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - quotas: how many visitors accounts may test; nil where nobody counts.
    ///   - project: what events of a project may count for now; nil when there is no such project.
    public init(
        store: ControlStore, events: EventStore, quotas: (any TestedQuotas)? = nil, clock: WallClock, logger: Logger,
        project: @escaping @Sendable (_ projectID: Int64) async throws -> TrackedProject?
    ) {
        self.store = store
        self.events = events
        self.quotas = quotas
        reachedGoals = ReachedGoalStore(store: store, project: project)
        self.clock = clock
        self.logger = logger
        (signal, raise) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Stores a request's events; they are on disk when this returns.
    /// - Parameters:
    ///   - project: what the events may count for.
    ///   - environment: the only one that the client may see; nil for all.
    /// - Returns: how many were not stored, by reason; those that could not be read included.
    /// - Throws: ``TrackingError``.
    public func track(
        _ batch: TrackingBatch, project: TrackedProject, environment: String?
    ) async throws -> [TrackingRejection: Int] {
        let pieces = batch.pieces(ofWeight: Self.maximumWeightAtOnce)
        return try await withCheckedThrowingContinuation { continuation in
            let answer = TrackingAnswer(pieces: pieces.count, continuation)
            let refusal: TrackingError? = queue.withLock { queue in
                if queue.isStopped { return .failed }
                guard queue.waiting.isEmpty || queue.weight + batch.weight <= Self.maximumWaitingWeight else {
                    return .overloaded
                }
                queue.waiting += pieces.map {
                    Waiting(batch: $0, project: project, environment: environment, answer: answer)
                }
                queue.weight += pieces.reduce(0) { $0 + $1.weight }
                return nil
            }
            if let refusal { return continuation.resume(throwing: refusal) }
            raise.yield()
        }
    }

    /// Requests, or pieces of large ones, whose events wait to be decided on. They are not counted in bytes.
    public var backlog: EventBacklog {
        queue.withLock {
            EventBacklog(count: $0.waiting.count, byteCount: 0, oldest: $0.waiting.first?.queuedAt)
        }
    }

    /// Returns once everything that was decided before the call is in the event store.
    /// - Throws: ``TrackingError``.
    public func settle() async throws {
        let nothing = TrackingBatch(isEnriched: false, visitors: [])
        let nowhere = TrackedProject(ServedProject(accountID: 0, project: [:]))
        _ = try await track(nothing, project: nowhere, environment: nil)
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
            queue.withLock { $0.isStopping = true }
            raise.finish()
        }
    }

    private func work() async {
        let outbox = ExposureOutbox(store: store, events: events, clock: clock, logger: logger)
        // While one group's events go to the event store, the next group is decided on.
        var delivery: Task<Void, Never>?
        // Known once there is something to store.
        var identifiers: ExposureIdentifiers?
        let ticks = Task { [raise] in
            while !Task.isCancelled {
                raise.yield()
                try? await Task.sleep(for: Self.tickInterval)
            }
        }
        defer { ticks.cancel() }
        var isRecovered = false
        var nextLook = ContinuousClock.now
        for await _ in signal {
            do {
                if !isRecovered {
                    try await outbox.recover()
                    await outbox.deliverRest()
                    isRecovered = true
                }
            } catch {
                logger.error("experiment events of before cannot be read", metadata: ["reason": "\(error)"])
                for waiting in takeAll(stopping: false) { waiting.answer.resume(throwing: .failed) }
                continue
            }
            var isIdle = false
            while !isIdle {
                let group = takeGroup()
                if !group.isEmpty { await process(group, &identifiers, outbox, &delivery) }
                // By turns, so that neither waits for the end of the other.
                var isMore = false
                if nextLook <= .now, !queue.withLock({ $0.isStopping }) {
                    await delivery?.value
                    await outbox.deliverRest()
                    isMore = await countReachedGoals(&identifiers, outbox)
                    if !isMore { nextLook = .now + Self.tickInterval }
                    await outbox.tidy()
                }
                isIdle = group.isEmpty && !isMore
            }
        }
        for waiting in takeAll(stopping: true) {
            if isRecovered {
                await process([waiting], &identifiers, outbox, &delivery)
            } else {
                waiting.answer.resume(throwing: .failed)
            }
        }
        await delivery?.value
        await outbox.tidy()
    }

    /// What could not be delivered is tried again, and reached goals are looked for, so often.
    private static let tickInterval = Duration.seconds(1)

    private static let accepted = Counter(label: "sextant_experiment_events_accepted_total")

    /// Counts what was stored, what was not by its reason, and which values were left out.
    private static func count(
        _ rejections: [TrackingRejection: Int], of total: Int, leavingOut values: [TrackedValue: Int] = [:]
    ) {
        for (value, count) in values {
            Counter(
                label: "sextant_experiment_values_left_out_total", dimensions: [("value", value.rawValue)]
            ).increment(by: count)
        }
        var rest = total
        for (reason, count) in rejections {
            rest -= count
            Counter(
                label: "sextant_experiment_events_rejected_total", dimensions: [("reason", reason.rawValue)]
            ).increment(by: count)
        }
        // A visitor is refused even without events.
        accepted.increment(by: max(rest, 0))
    }

    /// Whether either store is at fault, and not what was to be decided.
    private static func isStoreTrouble(_ error: any Error) -> Bool {
        StoreTrouble.isCause(of: error) || EventStoreTrouble.isCause(of: error)
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
        _ group: [Waiting], _ identifiers: inout ExposureIdentifiers?, _ outbox: ExposureOutbox,
        _ delivery: inout Task<Void, Never>?
    ) async {
        do {
            let delivered = await outbox.delivered
            let decided = try await decide(group, try await known(&identifiers), removing: delivered)
            await outbox.forget(delivered)
            // From here on they are on disk, wherever.
            await delivery?.value
            delivery = Task {
                for piece in decided.pieces { await outbox.deliver(piece) }
                for (waiting, rejections) in zip(group, decided.rejections) {
                    Self.count(rejections, of: waiting.batch.count, leavingOut: waiting.batch.leftOut)
                    waiting.answer.resume(returning: rejections)
                }
            }
        } catch {
            if group.count > 1, !Self.isStoreTrouble(error) {
                // Somebody's request cannot be decided on: the others can.
                let middle = group.count / 2
                await process(Array(group[..<middle]), &identifiers, outbox, &delivery)
                return await process(Array(group[middle...]), &identifiers, outbox, &delivery)
            }
            logger.error("experiment events could not be stored", metadata: ["reason": "\(error)"])
            for waiting in group { waiting.answer.resume(throwing: .failed) }
        }
    }

    private func known(_ identifiers: inout ExposureIdentifiers?) async throws -> ExposureIdentifiers {
        if let identifiers { return identifiers }
        let made = try await ExposureIdentifiers(after: events)
        identifiers = made
        return made
    }

    /// Counts goals that product events have reached.
    /// - Returns: whether there may be more to count.
    private func countReachedGoals(
        _ identifiers: inout ExposureIdentifiers?, _ outbox: ExposureOutbox
    ) async -> Bool {
        do {
            guard let due = try await reachedGoals.due(at: clock.now) else { return false }
            return try await count(due, &identifiers, outbox)
        } catch {
            logger.error("goals of product events could not be counted", metadata: ["reason": "\(error)"])
            return false
        }
    }

    /// Times that goals are tried together before the one at fault is looked for.
    private static let attempts = 3

    private func count(
        _ due: ReachedGoalStore.Due, _ identifiers: inout ExposureIdentifiers?, _ outbox: ExposureOutbox
    ) async throws -> Bool {
        var waiting = [due]
        var isMore = false
        var failures = 0
        while let part = waiting.popLast() {
            do {
                let counted = try await reachedGoals.count(part, try await known(&identifiers), at: clock.now)
                for piece in counted.pieces { await outbox.deliver(piece) }
                Self.count(counted.rejections, of: counted.total)
                isMore = isMore || counted.isMore
            } catch {
                if Self.isStoreTrouble(error) { throw error }
                failures += 1
                if failures < Self.attempts {
                    waiting.append(part)
                } else if part.ids.count > 1 {
                    let middle = part.ids.count / 2
                    waiting += [part.part(part.ids[middle...]), part.part(part.ids[..<middle])]
                } else {
                    for id in part.ids {
                        try await reachedGoals.setAside(
                            id, "\(error)", attempts: Self.attempts + 1, at: clock.now)
                    }
                }
            }
        }
        return isMore
    }

    private struct Decided: Sendable {
        let rejections: [[TrackingRejection: Int]]
        let pieces: [ExposureOutbox.Piece]
    }

    /// - Parameter delivered: pieces of the outbox that are no longer needed.
    private func decide(
        _ group: [Waiting], _ identifiers: ExposureIdentifiers, removing delivered: Set<Int64>
    ) async throws -> Decided {
        let now = clock.now
        return try await store.write { database in
            try ExposureOutbox.remove(delivered, from: database)
            var states = try VisitorStates(
                group.map { ($0.project.id, $0.batch.visitors.map(\.id)) }, at: now, from: database)
            var events = KeptEvents(identifiers)
            var rejections: [[TrackingRejection: Int]] = []
            var tested = TestedCount(quotas, at: now, in: database)
            for waiting in group {
                let project = waiting.project
                var rejected = waiting.batch.refused
                for visitor in waiting.batch.visitors {
                    let occurredAt = visitor.occurredAt ?? now
                    let known = states[project.id, visitor.id]
                    // What is said to have happened before is simulated, and tests nobody.
                    let cycle = visitor.occurredAt == nil ? try tested.cycle(of: project) : nil
                    let isCounted = cycle == nil || known.testedIn == cycle
                    let takesNew = try isCounted || tested.isOpen(project)
                    var decision = try TrackingDecision(
                        visitor, isEnriched: waiting.batch.isEnriched, known, project,
                        environment: waiting.environment, takesNew: takesNew, at: occurredAt
                    ) { goalID, transactionID in
                        try TrackedTransactions.isNew(
                            transactionID, goalID: goalID, projectID: project.id, in: database)
                    }
                    rejected.merge(decision.rejections, uniquingKeysWith: +)
                    guard decision.rejections[.visitor] == nil else { continue }
                    if decision.isTested, !isCounted, takesNew {
                        decision.state.testedIn = cycle
                        try tested.count(project)
                    }
                    states[project.id, visitor.id] = decision.state
                    for kept in decision.kept {
                        let origin = KeptEvents.Origin(
                            projectID: project.id,
                            environmentID: project.environmentID(kept.environment ?? waiting.environment),
                            visitorID: visitor.id, occurredAt: occurredAt, receivedAt: now)
                        events.keep(kept, from: origin, at: now)
                    }
                }
                rejections.append(rejected)
            }
            try states.save(at: now, in: database)
            try tested.save()
            return Decided(rejections: rejections, pieces: try events.save(in: database))
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
