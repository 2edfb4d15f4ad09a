import Logging

/// One projection's way through some events: all of them at once, and when that does not work, each as far as it does.
///
/// A group that fails three times holds an event that the projection cannot apply. It is halved until that event is
/// alone, and the event is set aside along with the next step; order is kept throughout. Trouble of the store is no
/// event's fault: it is waited out.
struct ProjectionRun {
    static let firstDelay = Duration.milliseconds(100)
    static let longestDelay = Duration.seconds(10)
    /// Times that a group is tried before it is taken apart.
    static let attempts = 3
    /// Events set aside in one transaction.
    private static let setAsideAtOnce = 1_000

    let projection: any EventProjection
    let logger: Logger

    private enum Outcome {
        case applied
        case failed(any Error)
        /// The task was cancelled while the store was in trouble.
        case stopped
    }

    /// - Returns: false when the task was cancelled before all of them were applied or set aside.
    func apply(_ events: [CommittedEvents], upTo end: LogPosition) async -> Bool {
        var delay = Self.firstDelay
        for attempt in 1...Self.attempts {
            switch await step(events, .advance(to: end, settingAside: [])) {
            case .applied: return true
            case .stopped: return false
            case .failed(let error):
                logger.error(
                    "a projection failed",
                    metadata: [
                        "projection": "\(projection.name)", "attempt": "\(attempt)", "reason": "\(error)",
                    ])
                if Task.isCancelled { return false }
                if attempt < Self.attempts { try? await Task.sleep(for: delay) }
                delay *= 2
            }
        }
        return await applyInParts(EventSequence(events), upTo: end)
    }

    private func applyInParts(_ events: EventSequence, upTo end: LogPosition) async -> Bool {
        var waiting = [0..<events.count]
        var unapplied: [UnappliedEvent] = []
        while let range = waiting.popLast() {
            if range.isEmpty { continue }
            let reached = LogPosition(after: events.identifier(range.upperBound - 1))
            // Nobody waits for long for a server that is to stop: what is left is the next start's.
            if Task.isCancelled { return false }
            switch await step(events.part(range), .advance(to: reached, settingAside: unapplied)) {
            case .applied: unapplied = []
            case .stopped: return false
            case .failed(let error):
                guard range.count == 1 else {
                    let middle = range.lowerBound + range.count / 2
                    waiting += [middle..<range.upperBound, range.lowerBound..<middle]
                    continue
                }
                unapplied.append(events.unapplied(range.lowerBound, "\(error)", attempts: Self.attempts + 1))
                if unapplied.count >= Self.setAsideAtOnce {
                    guard await setAside(unapplied, upTo: reached) else { return false }
                    unapplied = []
                }
            }
        }
        return await setAside(unapplied, upTo: end)
    }

    /// Nothing but trouble of the store can keep events from being set aside, whatever it calls itself.
    private func setAside(_ events: [UnappliedEvent], upTo end: LogPosition) async -> Bool {
        var delay = Self.firstDelay
        while true {
            switch await step([], .advance(to: end, settingAside: events)) {
            case .applied: return true
            case .stopped: return false
            case .failed(let error):
                logger.error("events cannot be set aside", metadata: ["reason": "\(error)"])
                if Task.isCancelled { return false }
                try? await Task.sleep(for: delay)
                delay = min(delay * 2, Self.longestDelay)
            }
        }
    }

    private func step(_ events: [CommittedEvents], _ step: ProjectionStep) async -> Outcome {
        var delay = Self.firstDelay
        while true {
            do {
                // Shutting down must not cut a transaction short.
                try await Task { try await projection.apply(events, step) }.value
                return .applied
            } catch {
                guard projection.isStoreTrouble(error) else { return .failed(error) }
                logger.error(
                    "a projection waits for its store",
                    metadata: ["projection": "\(projection.name)", "reason": "\(error)"])
                if Task.isCancelled { return .stopped }
                try? await Task.sleep(for: delay)
                delay = min(delay * 2, Self.longestDelay)
            }
        }
    }
}

/// Events of several batches, one after the other.
private struct EventSequence {
    private let batches: [CommittedEvents]
    /// Of each event its batch, and its place among the batch's events.
    private let places: [(batch: Int, position: Int)]

    init(_ batches: [CommittedEvents]) {
        self.batches = batches
        places = batches.indices.flatMap { batch in batches[batch].indices.indices.map { (batch, $0) } }
    }

    var count: Int { places.count }

    func identifier(_ index: Int) -> EventIdentifier {
        batches[places[index].batch].identifiers[places[index].position]
    }

    func part(_ range: Range<Int>) -> [CommittedEvents] {
        var parts: [CommittedEvents] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let batch = batches[places[start].batch]
            let first = places[start].position
            let end = min(first + range.upperBound - start, batch.indices.count)
            parts.append(
                CommittedEvents(
                    batch: batch.batch, indices: Array(batch.indices[first..<end]),
                    identifiers: Array(batch.identifiers[first..<end])))
            start += end - first
        }
        return parts
    }

    func unapplied(_ index: Int, _ reason: String, attempts: Int) -> UnappliedEvent {
        let batch = batches[places[index].batch]
        return UnappliedEvent(
            identifier: identifier(index), event: batch.batch[batch.indices[places[index].position]], reason: reason,
            attempts: attempts)
    }
}
