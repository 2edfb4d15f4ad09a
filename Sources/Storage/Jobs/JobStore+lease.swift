import ControlStore
import Foundation
import JSON
import Synchronization
import Time

/// A run's right to a job. Whoever lost it can change nothing any more.
struct JobLease: Sendable {
    let jobID: String
    let holder: String
}

/// What the worker does to jobs. Every change names the lease, so a run that lost its job cannot disturb the next one.
extension JobStore {
    /// Puts back the jobs whose runs were cut off. A job that this has happened to `limit` times fails, so that one
    /// which brings the process down cannot do so for ever.
    /// - Parameters:
    ///   - expiredOnly: false at process start, when no run can be alive: one process owns the file.
    ///   - alive: jobs whose runs go on, whatever the clock says of their leases: it may have been moved.
    /// - Returns: how many jobs were cut off.
    @discardableResult
    func recover(expiredOnly: Bool, crashLimit limit: Int, sparing alive: Set<String> = []) async throws -> Int {
        let now = clock.now
        return try await store.write { database in
            let cutOff = try database.rows(
                sql: "SELECT * FROM jobs WHERE state = 'running' AND (:all OR leased_until < :now)",
                arguments: ["now": now, "all": !expiredOnly]
            )
            .filter { row in (try? row.read("id", as: String.self)).map { !alive.contains($0) } ?? true }
            for row in cutOff {
                guard let job = try? Job(row: row) else {
                    try setAsideUnreadable(row, in: database)
                    continue
                }
                let isLast = job.crashes + 1 >= limit
                let reason = "the server stopped unexpectedly \(limit) times while running this job"
                try database.execute(
                    sql: """
                        UPDATE jobs SET
                            crashes = crashes + 1, lease = NULL, leased_until = NULL, state = :state,
                            error = ifnull(:error, error), finished_at = :finished
                        WHERE id = :id
                        """,
                    arguments: [
                        "state": isLast ? "failed" : "queued", "error": isLast ? reason : nil,
                        "finished": isLast ? now : nil, "id": job.id,
                    ])
                guard isLast else { continue }
                try end(job.id, in: database)
                try setAside(job, reason, attempts: job.crashes + 1, in: database)
            }
            return cutOff.count
        }
    }

    /// Which of these kinds have a job to run now, and whether a lease has expired.
    func dueWork(of kinds: [String]) async throws -> (kinds: Set<String>, hasExpiredLease: Bool) {
        let now = clock.now
        return try await store.read { database in
            let kinds = try kinds.filter { kind in
                try database.value(
                    Bool.self,
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM jobs WHERE kind = ?1 AND state = 'queued' AND run_at <= ?2)
                            OR EXISTS (SELECT 1 FROM jobs WHERE kind = ?1 AND state = 'queued' AND run_at > ?3)
                        """,
                    arguments: [kind, now, JobQueue.farthest(from: now)]) ?? false
            }
            let hasExpiredLease = try database.value(
                Bool.self, sql: "SELECT EXISTS (SELECT 1 FROM jobs WHERE state = 'running' AND leased_until < ?)",
                arguments: [now])
            return (Set(kinds), hasExpiredLease ?? false)
        }
    }

    /// Takes a due job of a kind: the oldest of the environment whose turn it is.
    /// - Parameter onlyShort: only one that is known to take little time.
    func claim(kind: String, leaseSeconds: Int64, onlyShort: Bool = false) async throws -> (job: Job, lease: JobLease)?
    {
        let now = clock.now
        let holder = UUID().uuidString
        return try await store.write { database in
            while let next = try self.next(kind, onlyShort: onlyShort, at: now, in: database),
                let row = try database.row(
                    sql: """
                        UPDATE jobs SET
                            state = 'running', lease = ?, leased_until = ?, started_at = ifnull(started_at, ?)
                        WHERE id = ? AND state = 'queued'
                        RETURNING *
                        """,
                    arguments: [holder, now.adding(seconds: leaseSeconds), now, next])
            {
                guard let job = try? Job(row: row) else {
                    try setAsideUnreadable(row, in: database)
                    continue
                }
                let lease = JobLease(jobID: job.id, holder: holder)
                guard let defect = Job.defect(of: row) else { return (job, lease) }
                // Reading it again would tell the same: the next one's turn.
                try fail(lease, error: defect, in: database)
                try setAside(job, defect, attempts: 1, in: database)
            }
            return nil
        }
    }

    /// The id of the due job whose turn it is, which it has had then.
    private func next(_ kind: String, onlyShort: Bool, at now: Timestamp, in database: Database) throws -> String? {
        let queue = JobQueue(kind: kind, database: database)
        let lengths = onlyShort ? [true] : [false, true]
        let accounts = Set(try lengths.flatMap { try queue.accounts(short: $0) })
        let running = try queue.running()
        for account in turns.withLock({ $0.order(kind, accounts: Array(accounts), running: running) }) {
            let known = Set(try lengths.flatMap { try queue.environments(of: account, short: $0) })
            let environments: [Int64?] = [nil] + known
            for environment in turns.withLock({ $0.order(kind, environments: environments, of: account) }) {
                let due = try lengths.compactMap {
                    try queue.first(of: account, environment: environment, short: $0, at: now)
                }
                guard let next = due.min(by: { $0.sequence < $1.sequence }) else { continue }
                turns.withLock { $0.give(kind, account: account, environment: environment) }
                return next.id
            }
        }
        return nil
    }

    /// Bytes of what waiting jobs are to do that are read at once.
    private static let maximumPayloadBytes = 4 * 1_024 * 1_024

    /// Jobs that wait beside a running one of their kind and environment and have never failed, oldest first, as far as they are
    /// read at once.
    func waiting(like job: Job, limit: Int) async throws -> [Job] {
        try await store.read { database in
            let rows = try database.cursor(
                sql: """
                    SELECT jobs.*, length(CAST(payload AS BLOB)) AS payload_bytes
                    FROM jobs, (SELECT account_id FROM jobs WHERE id = ?1) own
                    WHERE kind = ?2 AND is_short IN (0, 1) AND jobs.account_id = own.account_id AND environment_id IS ?3
                        AND state = 'queued' AND failures = 0 AND crashes = 0
                    ORDER BY sequence LIMIT ?4
                    """,
                arguments: [job.id, job.kind, job.environmentID, limit])
            var waiting: [Job] = []
            var bytes = 0
            while let row = try rows.next() {
                bytes += try row.read("payload_bytes", as: Int.self)
                if bytes > Self.maximumPayloadBytes { break }
                // One that cannot be read is set aside when its turn comes.
                if let job = try? Job(row: row) { waiting.append(job) }
            }
            return waiting
        }
    }

    /// Gives a run another payload, and removes the jobs that are in it now, but for a note of which one stands for them.
    /// - Throws: ``JobError/leaseLost(jobID:)``; also when one of them waits no more, which one worker never sees.
    func takeOver(_ lease: JobLease, _ taken: [(id: String, origin: JSONValue)], payload: JSONValue) async throws {
        try await store.write { database in
            try change(lease, set: "payload = ?", [payload.encodedString], in: database)
            for (id, origin) in taken {
                try database.execute(
                    sql: """
                        INSERT INTO taken_jobs (id, sequence, kind, environment_id, taken_by, origin, created_at)
                        SELECT id, sequence, kind, environment_id, ?, ?, created_at FROM jobs WHERE id = ?
                        """,
                    arguments: [lease.jobID, origin.encodedString, id])
                // One that gave its place back stands for others already.
                try database.execute(
                    sql: "UPDATE taken_jobs SET taken_by = ? WHERE taken_by = ?", arguments: [lease.jobID, id])
            }
            let count = try database.execute(
                sql: "DELETE FROM jobs WHERE id IN \(SQL.list("?")) AND state = 'queued'",
                arguments: [ListArgument(taken.map(\.id))])
            if count != taken.count { throw JobError.leaseLost(jobID: lease.jobID) }
        }
    }

    func extend(_ lease: JobLease, seconds: Int64) async throws {
        try await change(lease, set: "leased_until = ?", [clock.now.adding(seconds: seconds)])
    }

    func update(_ lease: JobLease, progress: JSONValue) async throws {
        try await change(lease, set: "progress = ?", [progress.encodedString])
    }

    func complete(_ lease: JobLease, result: JSONValue?, forgettingPayload: Bool = false) async throws {
        try await store.write { database in
            try change(
                lease,
                set: """
                    state = 'completed', result = ?, error = NULL, finished_at = ?, lease = NULL, leased_until = NULL,
                    payload = iif(?, '{}', payload)
                    """,
                [result?.encodedString, clock.now, forgettingPayload], in: database)
            try end(lease.jobID, in: database)
        }
    }

    /// - Parameter job: set aside, unless its failure is an answer to whoever asked for it; nil for that.
    func fail(_ lease: JobLease, error: String, settingAside job: Job? = nil) async throws {
        try await store.write { database in
            try fail(lease, error: error, in: database)
            if let job { try setAside(job, error, attempts: job.failures + 1, in: database) }
        }
    }

    private func fail(_ lease: JobLease, error: String, in database: Database) throws {
        try change(
            lease, set: "state = 'failed', error = ?, finished_at = ?, lease = NULL, leased_until = NULL",
            [error, clock.now], in: database)
        try end(lease.jobID, in: database)
    }

    /// Puts the job back until `time`, as if this run had never begun: it is not the job that is at fault.
    func postpone(_ lease: JobLease, until time: Timestamp, error: String) async throws {
        try await change(
            lease, set: "state = 'queued', error = ?, run_at = ?, lease = NULL, leased_until = NULL", [error, time])
        signal.raise()
    }

    /// Counts a failure and puts the job back until `time`.
    func retry(_ lease: JobLease, at time: Timestamp, error: String) async throws {
        try await change(
            lease,
            set: """
                state = 'queued', failures = failures + 1, error = ?, run_at = ?, lease = NULL, leased_until = NULL
                """,
            [error, time])
        signal.raise()
    }

    /// Puts the job back as if this run had never begun, progress aside.
    func release(_ lease: JobLease) async throws {
        try await change(lease, set: "state = 'queued', lease = NULL, leased_until = NULL", [])
    }

    private func change(
        _ lease: JobLease, set assignments: String, _ values: [(any StoredValue & Sendable)?]
    ) async throws {
        try await store.write { try change(lease, set: assignments, values, in: $0) }
    }

    private func change(
        _ lease: JobLease, set assignments: String, _ values: [(any StoredValue & Sendable)?],
        in database: Database
    ) throws {
        let count = try database.execute(
            sql: "UPDATE jobs SET \(assignments) WHERE id = ? AND lease = ? AND state = 'running'",
            arguments: Arguments(values) + [lease.jobID, lease.holder])
        if count == 0 { throw JobError.leaseLost(jobID: lease.jobID) }
    }
}
