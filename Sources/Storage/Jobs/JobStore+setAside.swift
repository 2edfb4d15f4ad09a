public import ControlStore
import JSON
import Time

/// Jobs that have failed for good without saying why they had to.
extension JobStore {
    /// Sets a job aside that has just failed.
    func setAside(_ job: Job, _ reason: String, attempts: Int, in database: Database) throws {
        // Housekeeping may be for a project, as long as that is there.
        let projectID = try job.payload["project"]?.int64.flatMap { try SetAside.existingProject($0, in: database) }
        try SetAside.insert(
            SetAsideEntry(
                kind: .job, environmentID: job.environmentID, projectID: projectID, subject: job.id, reason: reason,
                attempts: attempts), at: clock.now, in: database)
    }

    /// Ends a job whose row cannot be read, and sets it aside: reading it again would tell the same.
    func setAsideUnreadable(_ row: Row, in database: Database) throws {
        let reason = Job.defect(of: row) ?? "The job cannot be read."
        let now = clock.now
        // The key as it is stored, whatever that is.
        let id = try row.read("id", as: SQLValue.self)
        try database.execute(
            sql: """
                UPDATE jobs SET state = 'failed', error = ?, finished_at = ?, lease = NULL, leased_until = NULL
                WHERE id = ?
                """,
            arguments: [reason, now, id])
        try SetAside.insert(
            SetAsideEntry(
                kind: .job, environmentID: try? row.read("environment_id", as: Int64?.self),
                subject: id.description, reason: reason, attempts: 1),
            at: now, in: database)
    }

    /// Puts a job that is set aside back into the queue, as if it had never failed; its progress stays.
    /// - Throws: why that cannot be.
    public func tryAgain(_ item: SetAsideItem) async throws {
        let now = clock.now
        try await store.write { try self.tryAgain(item.entry.subject, at: now, in: $0) }
        signal.raise()
    }

    /// Pause before a job is tried again that was cut off so often: should it bring the process down, it does so that seldom.
    static let cautionSeconds: Int64 = 900

    /// The same for all that only the operator knows of, such as the removal of what a deleted project has left, and for what is
    /// owed whoever it is for, such as a deletion: once a start.
    /// - Parameters:
    ///   - limit: what a crash has cut off so many times is tried later, and not at once.
    ///   - owed: kinds of jobs that are to be done whoever they are for.
    func tryOwnerlessAgain(crashLimit limit: Int, owed: [String] = []) async throws {
        let now = clock.now
        try await store.write { database in
            var rows = try database.rows(
                sql: "SELECT id, crashes FROM jobs WHERE id IN \(SQL.list("?"))",
                arguments: [ListArgument(SetAside.ownerless(.job, in: database))])
            rows += try database.rows(
                sql: "SELECT id, crashes FROM jobs WHERE id IN \(SQL.list("?1")) AND kind IN \(SQL.list("?2"))",
                arguments: [ListArgument(SetAside.all(.job, in: database)), ListArgument(owed)])
            for row in rows {
                let isCautious = try row.read("crashes", as: Int.self) >= limit
                // What still cannot be run stays where it is.
                try? self.tryAgain(
                    row.read("id"), at: isCautious ? now.adding(seconds: Self.cautionSeconds) : now, in: database)
            }
        }
    }

    private func tryAgain(_ id: String, at now: Timestamp, in database: Database) throws {
        guard
            let row = try database.row(
                sql: "SELECT * FROM jobs WHERE id = ? AND state = 'failed'", arguments: [id])
        else {
            // It is gone, or runs again.
            try SetAside.remove(.job, id, in: database)
            return
        }
        if let defect = Job.defect(of: row) { throw PermanentJobFailure(defect, isDefect: true) }
        if let slot = try row.read("slot", as: String?.self) { try checkFree(slot, in: database) }
        try database.execute(
            sql: """
                UPDATE jobs SET
                    state = 'queued', failures = 0, crashes = 0, error = NULL, run_at = ?, finished_at = NULL
                WHERE id = ?
                """,
            arguments: [now, id])
        try SetAside.remove(.job, id, in: database)
    }
}
