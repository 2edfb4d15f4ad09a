import EventStore
import Events
import Gateway
import JSON
import Jobs
import Time

extension DeletionReceipt {
    /// In the form of the vendor's other jobs.
    func publicID(in stream: EventStream) -> String { Self.prefix(stream) + id }

    /// The job's own id; nil for a text that is not the id of a deletion of this environment.
    static func jobID(_ publicID: String, in stream: EventStream) -> String? {
        guard publicID.utf8.starts(with: prefix(stream).utf8) else { return nil }
        return publicID.split(separator: ":").last.map(String.init)
    }

    private static func prefix(_ stream: EventStream) -> String { "deletion:jobs:\(stream.appToken):" }

    /// The members of the vendor's jobs, and what was removed.
    func json(in stream: EventStream, now: Timestamp) -> JSONValue {
        let started = startedAt ?? submittedAt
        let isDone = state == .completed
        var answer: JSONValue = [
            "job_id": .string(publicID(in: stream)),
            "type": .string(subject == .users ? "delete_users" : "delete_companies"),
            "status": .string(state == .running ? "processing" : state.rawValue),
            "filename": "", "file_size": 0, "total_rows": .integer(idCount),
            "completed_rows": .integer(isDone ? idCount : 0), "failed_rows": 0, "duplicate_rows": 0, "errors": [],
            "start_time": .time(started), "end_time": .time(finishedAt),
            "elapsed_time": .integer(max((finishedAt ?? now).seconds - started.seconds, 0)),
            "links": .string("/v1/background_jobs/\(publicID(in: stream))"), "submitted_at": .time(submittedAt),
            "key_id": keyID.map { .integer($0) } ?? .null,
        ]
        if isDone {
            answer["deleted_events"] = .integer(counts.events)
            answer["deleted_profiles"] = .integer(counts.profiles)
            answer["done_together"] = .integer(requests)
        }
        if let failureReason { answer["error"] = .string(failureReason) }
        return answer
    }
}
