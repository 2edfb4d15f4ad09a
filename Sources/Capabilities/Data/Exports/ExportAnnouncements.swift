package import ControlStore
import JSON
package import Jobs
import Time

/// Announces the ends of exports, along with these: whoever waits for one need not ask again and again.
package struct ExportAnnouncements: Sendable {
    /// The environment that an experience of a project runs in; nil when there is none.
    private let environment: @Sendable (_ experienceID: Int64, _ projectID: Int64, Database) throws -> Int64?

    package init(
        environment: @escaping @Sendable (_ experienceID: Int64, _ projectID: Int64, Database) throws -> Int64?
    ) {
        self.environment = environment
    }

    /// What is done along with the end of jobs, by their kind.
    package var endings: [String: JobEnding] {
        [
            ExportJobHandler.jobKind: { job, database in
                guard let environmentID = job.environmentID else { return }
                try announce(job, ["kind": "events"], environmentID: environmentID, in: database)
            },
            ExperimentExportJobHandler.jobKind: { job, database in
                guard let request = ExperimentExportRequest(job),
                    let environmentID = try environment(request.experienceID, request.projectID, database)
                else { return }
                let experience: JSONValue = .integer(request.experienceID)
                try announce(
                    job, ["kind": "experiment_events", "experience_id": experience], environmentID: environmentID,
                    in: database)
            },
        ]
    }

    /// No links: they open the files to whoever has them.
    private func announce(
        _ job: Job, _ kind: JSONValue, environmentID: Int64, in database: Database
    ) throws {
        guard let now = job.finishedAt else { return }
        var members = JSONObject([("id", .string(job.id)), ("status", .string(Export.Status(job.state).rawValue))])
        for (name, value) in kind.object ?? JSONObject() { members[name] = value }
        let files = job.result.flatMap(ExportProgress.init(json:))?.files ?? []
        members["files"] = .integer(Int64(files.count))
        members["rows"] = .integer(files.reduce(0) { $0.addingSaturating(Int64($1.rowCount)) })
        members["failure_reason"] = job.state == .failed ? job.error.map { .string($0) } ?? .null : .null
        try Announcement.add(
            .exportFinished, JSONObject([("export", .object(members))]), environmentID: environmentID, at: now,
            in: database)
    }
}
