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

    /// The same for all that only the operator knows of: once a start. What a crash has cut off so many times stays, so
    /// that it brings nothing down for ever.
    func tryOwnerlessAgain(crashLimit limit: Int) async throws {
        let now = clock.now
        try await store.write { database in
            let ids = try database.values(
                String.self, sql: "SELECT id FROM jobs WHERE id IN \(SQL.list("?")) AND crashes < ?",
                arguments: [
                    ListArgument(SetAside.ownerless(.job, in: database)), limit,
                ])
            for id in ids {
                // What still cannot be run stays where it is.
                try? self.tryAgain(id, at: now, in: database)
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
