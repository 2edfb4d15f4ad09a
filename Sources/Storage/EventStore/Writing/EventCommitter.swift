import DuckDB
import Logging
import Synchronization
import Time

/// What one commit did.
struct EventCommit {
    /// Per batch, per event.
    var outcomes: [[EventOutcome]] = []
    /// The batches of which something was stored.
    var stored: [CommittedEvents] = []
    /// The first and the last id given out; nil when everything was a duplicate.
    var first: EventIdentifier?
    var last: EventIdentifier?
    /// Where the log ends since; nil when everything was a duplicate.
    var end: LogPosition? { last.map(LogPosition.init(after:)) }
    var acceptedCount = 0
    var duplicateCount = 0
}

/// Puts batches into the event table, one transaction a call. Belongs to the writer's thread.
final class EventCommitter: @unchecked Sendable {
    private let store: EventStore
    private let session = WriterSession()
    private let clock: WallClock
    private let patience: Duration
    private let logger: Logger
    private var identifiers: EventIdentifierSequence
    private var window: DeduplicationWindow
    /// Fingerprints of the transaction under way: they count as duplicates at once, but are remembered only after it.
    private var pending = FingerprintSet()
    /// The ids of commits that were said to have failed, of which the engine could not tell whether they did.
    private var doubtful: [ClosedRange<EventIdentifier>] = []
    private var companies: CompanyFilling

    /// - Parameters:
    ///   - companies: that users are in.
    ///   - patience: how long a commit waits for an engine that is being opened anew.
    init(
        store: EventStore, companies: UserCompanies = UserCompanies(), clock: WallClock, rememberedEventIDs: Int,
        patience: Duration = EventEngine.patience, logger: Logger
    ) throws {
        self.companies = CompanyFilling(companies)
        self.store = store
        self.clock = clock
        self.patience = patience
        self.logger = logger
        let connection = try store.connect()
        identifiers = EventIdentifierSequence(after: try store.lastIdentifier(on: connection))
        window = DeduplicationWindow(maximumCount: rememberedEventIDs)
        try remember(
            eventsSince: clock.now.adding(seconds: -DeduplicationWindow.spanSeconds), in: store, on: connection)
        store.engine.onRelease { [session] in session.release() }
    }

    /// Stores batches.
    /// - Parameter projected: up to where events have taken effect in every projection; nil for none.
    /// - Throws: what kept them from being stored. Nothing of them is in the log then, or will be taken out of it before
    ///   the next commit.
    func commit(_ batches: [EventBatch], projected: LogPosition? = nil) throws -> EventCommit {
        pending.removeAll()
        try companies.begin(batches, projected: projected)
        window.forget(asOf: clock.now)
        let instance = try store.engine.blockUntilCurrent(patience)
        try removeDoubtful(instance)
        var commit = EventCommit()
        do {
            try store.written.use { half in
                try session.use(instance, half) { connection, appender in
                    try connection.transaction {
                        commit = try append(batches, to: appender)
                        try appender.flush()
                    }
                }
            }
        } catch {
            let error = store.engine.judge(error, of: instance)
            guard try isStored(commit, after: error) else { throw error }
            logger.warning(
                "a commit is stored that the engine said had failed", metadata: ["reason": "\(error)"])
        }
        store.tally.add(rows: commit.acceptedCount)
        companies.commit()
        rememberPending()
        return commit
    }

    /// Closes the connection. To be called on the writer's thread: what the thread's closure holds is released after the
    /// engine's thread-local data, which closing a connection still needs.
    func end() {
        session.release()
    }

    /// Sees whether the disk takes anything at all.
    func test() throws {
        let instance = try store.engine.blockUntilCurrent(patience)
        try removeDoubtful(instance)
        do {
            try store.written.use { half in
                try session.use(instance, half) { connection, _ in try EventLogMarks.test(on: connection) }
            }
        } catch {
            throw store.engine.judge(error, of: instance)
        }
    }

    /// Whether a commit that failed is in the log all the same: what fails may be the checkpoint that it brought about,
    /// or the answer. Asked of the engine as it is after the failure, opened anew if need be.
    private func isStored(_ commit: EventCommit, after failure: any Error) throws -> Bool {
        guard let first = commit.first, let last = commit.last else { return false }
        do {
            let instance = try store.engine.blockUntilCurrent(patience)
            return try Self.hasEvent(last, on: instance.database.connect())
        } catch {
            doubtful.append(first...last)
            throw failure
        }
    }

    /// Senders were told that these are not stored, and send them again.
    private func removeDoubtful(_ instance: EventEngine.Instance) throws {
        guard !doubtful.isEmpty else { return }
        let connection = try instance.database.connect()
        let count = try connection.transaction {
            // They may be the newest, and a projection may have passed them.
            try EventLogMarks.keepReach(on: connection)
            return try doubtful.reduce(0) { count, range in
                try count
                    + DeletedBlocks.delete(
                        from: EventTable.name, where: "event_id BETWEEN $1 AND $2",
                        [.uuid(range.lowerBound.value), .uuid(range.upperBound.value)], on: connection)
            }
        }
        doubtful = []
        guard count > 0 else { return }
        store.withdrawals.add(1, ordering: .acquiringAndReleasing)
        logger.warning(
            "what was stored and answered as failed has been taken out again", metadata: ["events": "\(count)"])
    }

    private static func hasEvent(_ identifier: EventIdentifier, on connection: Connection) throws -> Bool {
        let rows = try connection.query(
            "SELECT 1 FROM \(EventTable.name) WHERE event_id = $1 LIMIT 1", [.uuid(identifier.value)])
        defer { rows.close() }
        return (try rows.next()?.count ?? 0) > 0
    }

    private func append(_ batches: [EventBatch], to appender: EventAppender) throws -> EventCommit {
        let now = clock.now
        var commit = EventCommit()
        commit.outcomes.reserveCapacity(batches.count)
        for batch in batches {
            var outcomes: [EventOutcome] = []
            var indices: [Int] = []
            var stored: [EventIdentifier] = []
            var filled: [Int: String] = [:]
            // The newest event that is no use of a feature.
            var source = 0
            outcomes.reserveCapacity(batch.count)
            indices.reserveCapacity(batch.count)
            for index in 0..<batch.count {
                if batch.rows[index].type != .trackFeature { source = index }
                // What was found in an event that is not stored again is not stored either.
                let isOfDuplicate =
                    source < index && outcomes[source] == .duplicate
                    && FoundUse.isUse(batch[index], in: batch[source])
                if isOfDuplicate || isDuplicate(batch[index]) {
                    outcomes.append(.duplicate)
                    continue
                }
                let identifier = identifiers.next(at: now)
                let company = companies.company(for: batch[index], as: identifier)
                if let company { filled[index] = company }
                try appender.append(batch, row: index, as: identifier, company: company)
                outcomes.append(.accepted(identifier))
                indices.append(index)
                stored.append(identifier)
                commit.first = commit.first ?? identifier
                commit.last = identifier
            }
            commit.acceptedCount += indices.count
            commit.duplicateCount += batch.count - indices.count
            if !indices.isEmpty {
                commit.stored.append(
                    CommittedEvents(batch: batch.filled(with: filled), indices: indices, identifiers: stored))
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
    private func remember(eventsSince start: Timestamp, in store: EventStore, on connection: Connection) throws {
        try store.forEachClientEventID(since: start, on: connection) { environmentID, clientEventID, committedAt in
            let fingerprint = window.fingerprint(environmentID: environmentID, clientEventID: clientEventID)
            window.insert(fingerprint, at: committedAt)
        }
    }
}
