import DuckDB
import Logging
import Time

/// What one commit did.
struct EventCommit {
    /// Per batch, per event.
    var outcomes: [[EventOutcome]] = []
    /// The batches of which something was stored.
    var stored: [CommittedEvents] = []
    /// The last id given out; nil when everything was a duplicate.
    var last: EventIdentifier?
    var acceptedCount = 0
    var duplicateCount = 0
}

/// Puts batches into the event table, one transaction a call. Belongs to the writer's thread.
final class EventCommitter: @unchecked Sendable {
    private let connection: Connection
    private let clock: WallClock
    private let logger: Logger
    /// Nil after a failed commit: an appender may still hold rows of the failed transaction, a fresh one starts clean.
    private var appender: EventAppender?
    private var identifiers: EventIdentifierSequence
    private var window: DeduplicationWindow
    /// Fingerprints of the transaction under way: they count as duplicates at once, but are remembered only after it.
    private var pending = FingerprintSet()

    init(store: EventStore, clock: WallClock, rememberedEventIDs: Int, logger: Logger) throws {
        self.clock = clock
        self.logger = logger
        connection = try store.connect()
        appender = try EventAppender(connection: connection)
        identifiers = EventIdentifierSequence(after: try store.lastIdentifier(on: connection))
        window = DeduplicationWindow(maximumCount: rememberedEventIDs)
        try remember(eventsSince: clock.now.adding(seconds: -DeduplicationWindow.spanSeconds), in: store)
    }

    func commit(_ batches: [EventBatch]) throws -> EventCommit {
        pending.removeAll()
        window.forget(asOf: clock.now)
        let commit: EventCommit
        do {
            let appender = try appender ?? EventAppender(connection: connection)
            self.appender = appender
            commit = try connection.transaction {
                let commit = try append(batches, to: appender)
                try appender.flush()
                return commit
            }
        } catch {
            appender = nil
            throw error
        }
        rememberPending()
        return commit
    }

    private func append(_ batches: [EventBatch], to appender: EventAppender) throws -> EventCommit {
        let now = clock.now
        var commit = EventCommit()
        commit.outcomes.reserveCapacity(batches.count)
        for batch in batches {
            var outcomes: [EventOutcome] = []
            var indices: [Int] = []
            var stored: [EventIdentifier] = []
            outcomes.reserveCapacity(batch.count)
            indices.reserveCapacity(batch.count)
            for index in 0..<batch.count {
                if isDuplicate(batch[index]) {
                    outcomes.append(.duplicate)
                    continue
                }
                let identifier = identifiers.next(at: now)
                try appender.append(batch, row: index, as: identifier)
                outcomes.append(.accepted(identifier))
                indices.append(index)
                stored.append(identifier)
                commit.last = identifier
            }
            commit.acceptedCount += indices.count
            commit.duplicateCount += batch.count - indices.count
            if !indices.isEmpty {
                commit.stored.append(CommittedEvents(batch: batch, indices: indices, identifiers: stored))
            }
            commit.outcomes.append(outcomes)
        }
        return commit
    }

    /// Whether the event was stored within the window or earlier in this transaction; remembers it for the latter.
    private func isDuplicate(_ event: EventView) -> Bool {
        event.withUTF8(of: .clientEventID) { clientEventID in
            guard let clientEventID else { return false }
            let fingerprint = window.fingerprint(environmentID: event.environmentID, clientEventID: clientEventID)
            return window.contains(fingerprint) || !pending.insert(fingerprint)
        }
    }

    private func rememberPending() {
        let now = clock.now
        var forgot = false
        for fingerprint in pending.all { forgot = window.insert(fingerprint, at: now) || forgot }
        if forgot {
            logger.warning("more event ids in 24 hours than are remembered: older retries may be stored twice")
        }
    }

    /// After a start: the ids stored in the window before it.
    private func remember(eventsSince start: Timestamp, in store: EventStore) throws {
        try store.forEachClientEventID(since: start, on: connection) { environmentID, clientEventID, committedAt in
            let fingerprint = window.fingerprint(environmentID: environmentID, clientEventID: clientEventID)
            window.insert(fingerprint, at: committedAt)
        }
    }
}
