public import ControlStore
import Foundation
import JSON
import Synchronization
public import Time

/// What is done once a job is completed or has failed, in the same transaction: with the job as it then is.
public typealias JobEnding = @Sendable (Job, Database) throws -> Void

/// The jobs of all environments. Every answer to a client goes through the methods that take an environment.
public final class JobStore: Sendable {
    let store: ControlStore
    let clock: WallClock
    /// Raised when a job may have become due.
    let signal = JobSignal()
    let turns = Mutex(JobTurns())
    private let endings: [String: JobEnding]

    /// - Parameter endings: what is done along with the end of jobs, by their kind.
    public init(store: ControlStore, clock: WallClock, endings: [String: JobEnding] = [:]) {
        self.store = store
        self.clock = clock
        self.endings = endings
    }

    /// Does what goes along with the end of a job, in the transaction that has ended it.
    func end(_ id: String, in database: Database) throws {
        guard !endings.isEmpty,
            let row = try database.row(sql: "SELECT * FROM jobs WHERE id = ?", arguments: [id]),
            let job = try? Job(row: row)
        else { return }
        try endings[job.kind]?(job, database)
    }

    /// Adds a job and wakes the worker.
    /// - Throws: ``JobError/alreadyRunning(jobID:)`` when the job asks for an exclusive group that is taken,
    ///   ``JobError/tooManyWaiting(limit:)``.
    @discardableResult
    public func enqueue(_ job: NewJob) async throws -> Job {
        let stored = try await store.write { try enqueue(job, in: $0) }
        signal.raise()
        return stored
    }

    /// The same inside a transaction of another room's, so that the job is there exactly when what asks for it is. The
    /// worker finds it when it next looks, within seconds.
    @discardableResult
    package func enqueue(_ job: NewJob, in database: Database) throws -> Job {
        let now = clock.now
        if let slot = job.slot { try checkFree(slot, in: database) }
        let account = try account(of: job, in: database)
        if let limit = job.mostWaiting,
            try JobQueue(kind: job.kind, database: database).count(of: account, upTo: limit) >= limit
        {
            throw JobError.tooManyWaiting(limit: limit)
        }
        let stored = try database.row(
            sql: """
                INSERT INTO jobs (
                    id, sequence, kind, environment_id, account_id, is_short, state, slot, payload, run_at, created_at)
                SELECT ?, ifnull(max(sequence), 0) + 1, ?, ?, ?, ?, 'queued', ?, ?, ?, ? FROM jobs RETURNING *
                """,
            arguments: [
                UUID().uuidString.lowercased(), job.kind, job.environmentID, account, job.isShort, job.slot,
                job.payload.encodedString,
                job.runAt ?? now, now,
            ]
        ).map(Job.init(row:))
        guard let stored else { throw StoreError.refused(reason: "the job was not stored") }
        return stored
    }

    /// Tells the worker of jobs that were added inside transactions of other rooms, once these are committed.
    package func wake() { signal.raise() }

    /// 0 where it is nobody's, or whose it was is gone.
    private func account(of job: NewJob, in database: Database) throws -> Int64 {
        switch job.holder {
        case .environment(let id): try database.accountID(environment: id, project: nil) ?? 0
        case .project(let id): try database.accountID(environment: nil, project: id) ?? 0
        case .server: 0
        }
    }

    /// Makes sure that no unfinished job of an exclusive group is in the environment: a job of the group could be added.
    /// - Throws: ``JobError/alreadyRunning(jobID:)``.
    public func checkFree(_ group: String, environmentID: Int64?) async throws {
        let slot = NewJob.slot(group, environmentID: environmentID)
        try await store.read { try checkFree(slot, in: $0) }
    }

    func checkFree(_ slot: String, in database: Database) throws {
        let holder = try database.value(
            String.self, sql: "SELECT id FROM jobs WHERE slot = ? AND state IN ('queued', 'running')", arguments: [slot]
        )
        if let holder { throw JobError.alreadyRunning(jobID: holder) }
    }

    /// All jobs of an environment, oldest first, inside a transaction of another room's.
    package func all(environmentID: Int64, in database: Database) throws -> [Job] {
        try database.rows(
            sql: "SELECT * FROM jobs WHERE environment_id = ? ORDER BY sequence", arguments: [environmentID]
        ).readable("job", Job.init(row:))
    }

    /// The job with this id in the environment; nil when there is none, or when it belongs to another environment.
    public func find(_ id: String, environmentID: Int64) async throws -> Job? {
        try await store.read { database in
            try database.row(
                sql: "SELECT * FROM jobs WHERE id = ? AND environment_id = ?",
                arguments: [id, environmentID]
            ).map(Job.init(row:))
        }
    }

    /// The job with this id that works for no environment; nil when there is none, or when it is of another kind. Whose it
    /// is its payload must tell.
    public func find(_ id: String, kind: String) async throws -> Job? {
        try await store.read { database in
            try database.row(
                sql: "SELECT * FROM jobs WHERE id = ? AND kind = ? AND environment_id IS NULL", arguments: [id, kind]
            ).map(Job.init(row:))
        }
    }

    /// The unfinished jobs of these exclusive groups that work for no environment, inside a transaction of another
    /// room's.
    package func unfinished(groups: [String], in database: Database) throws -> [Job] {
        let slots = groups.map { JSONValue.string(NewJob.slot($0, environmentID: nil)) }
        return try database.rows(
            sql: """
                SELECT * FROM jobs WHERE slot IN \(SQL.list("?")) AND state IN ('queued', 'running')
                """,
            arguments: [ListArgument(.array(slots))]
        ).readable("job", Job.init(row:))
    }

    /// The jobs of these kinds in the environment, newest first.
    /// - Parameter states: only these; all when nil.
    public func list(
        kinds: [String], environmentID: Int64, states: Set<JobState>? = nil, limit: Int = 1_000
    ) async throws -> [Job] {
        let states = (states ?? Set(JobState.allCases)).map(\.rawValue)
        return try await store.read { database in
            try database.rows(
                sql: """
                    SELECT * FROM jobs
                    WHERE environment_id = ? AND kind IN \(SQL.list("?"))
                        AND state IN \(SQL.list("?"))
                    ORDER BY sequence DESC LIMIT ?
                    """,
                arguments: [environmentID, ListArgument(kinds), ListArgument(states), limit]
            ).readable("job", Job.init(row:))
        }
    }

    /// The unfinished jobs of a kind, over all environments.
    public func unfinished(kind: String) async throws -> [Job] {
        try await store.read { database in
            try database.rows(
                sql: """
                    SELECT * FROM jobs WHERE kind = ?1 AND state = 'queued'
                    UNION ALL SELECT * FROM jobs WHERE kind = ?1 AND state = 'running' AND leased_until > 0
                    """,
                arguments: [kind]
            ).readable("job", Job.init(row:))
        }
    }

    /// How many jobs of a kind are unfinished, over all environments.
    public func unfinishedCount(kind: String) async throws -> Int {
        try await store.read { database in
            try database.value(
                Int.self, sql: "SELECT count(*) FROM jobs WHERE kind = ? AND state IN ('queued', 'running')",
                arguments: [kind]) ?? 0
        }
    }

    /// Fails an unfinished job with `reason`. A run in progress notices at its next heartbeat or progress update.
    /// - Returns: false when there is no such unfinished job in the environment.
    @discardableResult
    public func cancel(_ id: String, environmentID: Int64, reason: String = "cancelled") async throws -> Bool {
        let now = clock.now
        return try await store.write { database in
            let count = try database.execute(
                sql: """
                    UPDATE jobs SET state = 'failed', error = ?, finished_at = ?, lease = NULL, leased_until = NULL
                    WHERE id = ? AND environment_id = ? AND state IN ('queued', 'running')
                    """,
                arguments: [reason, now, id, environmentID])
            if count > 0 { try self.end(id, in: database) }
            return count > 0
        }
    }

    /// The jobs of a kind that finished before `time`, oldest first: what retention has to clean up after.
    public func finished(kind: String, before time: Timestamp, limit: Int = 100) async throws -> [Job] {
        try await store.read { database in
            try database.rows(
                sql: "SELECT * FROM jobs WHERE finished_at < ? AND kind = ? ORDER BY finished_at LIMIT ?",
                arguments: [time, kind, limit]
            ).readable("job", Job.init(row:))
        }
    }

    /// Removes one finished job. Unfinished ones stay.
    @discardableResult
    public func deleteFinished(_ id: String) async throws -> Bool {
        try await store.write { database in
            let count = try database.execute(
                sql: "DELETE FROM jobs WHERE id = ? AND finished_at IS NOT NULL", arguments: [id])
            let isDeleted = count > 0
            if isDeleted { try SetAside.remove(.job, id, in: database) }
            return isDeleted
        }
    }

    /// Removes the jobs of a kind that finished before `time`.
    /// - Returns: how many there were.
    @discardableResult
    public func deleteFinished(kind: String, before time: Timestamp) async throws -> Int {
        try await store.removeInPieces { database, limit in
            let ids = try database.values(
                String.self,
                sql: """
                    DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE finished_at < ? AND kind = ? LIMIT ?)
                    RETURNING id
                    """,
                arguments: [time, kind, limit])
            for id in ids { try SetAside.remove(.job, id, in: database) }
            return ids.count
        }
    }
}
