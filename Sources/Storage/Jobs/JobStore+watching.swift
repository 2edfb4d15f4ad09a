import ControlStore
import Time

/// How many jobs of a kind there are in a state, for those who watch the server.
public struct JobBacklog: Sendable, Equatable {
    public let kind: String
    public let state: JobState
    /// At most ``JobStore/mostCounted``: more are not counted.
    public let count: Int
    /// How long the oldest has been due, or has been running, in seconds.
    public let oldestSeconds: Double
}

extension JobStore {
    /// How far jobs of a kind are counted: whoever watches learns nothing more from a greater number.
    public static let mostCounted = 10_000

    /// The jobs of these kinds that wait or run; kinds and states without any are left out.
    public func backlog(kinds: [String]) async throws -> [JobBacklog] {
        let now = clock.now
        @Sendable func seconds(since time: Timestamp?) -> Double {
            max((Double(now.microseconds) - Double((time ?? now).microseconds)) / 1_000_000, 0)
        }
        return try await store.read { database in
            try kinds.flatMap { kind in
                let queued = try database.value(
                    Int.self,
                    sql:
                        "SELECT count(*) FROM (SELECT 1 FROM jobs WHERE kind = ? AND state = 'queued' LIMIT ?)",
                    arguments: [kind, Self.mostCounted])
                let due = try database.value(
                    Timestamp.self, sql: "SELECT min(run_at) FROM jobs WHERE kind = ? AND state = 'queued'",
                    arguments: [kind])
                // So many run as there are places.
                let running = try database.row(
                    sql: """
                        SELECT count(*) AS count, min(started_at) AS started_at FROM jobs
                        WHERE kind = ? AND state = 'running'
                        """,
                    arguments: [kind])
                let all = [
                    JobBacklog(
                        kind: kind, state: .queued, count: queued ?? 0, oldestSeconds: seconds(since: due)),
                    JobBacklog(
                        kind: kind, state: .running, count: try running?.read("count") ?? 0,
                        oldestSeconds: seconds(since: try running?.read("started_at"))),
                ]
                return all.filter { $0.count > 0 }
            }
        }
    }
}
