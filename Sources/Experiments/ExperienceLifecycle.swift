import ControlStore
import GRDB
import Identity
import JSON
import Time

/// Starts and ends experiences at their time, without anybody asking.
public struct ExperienceLifecycle: Sendable {
    private let resources: ResourceService

    public init(resources: ResourceService) {
        self.resources = resources
    }

    private struct Due {
        let id: Int64
        let projectID: Int64
        let status: ExperienceStatus
    }

    /// Makes every move that is due. Doing it twice changes nothing more, so nothing is lost when the process dies.
    /// - Returns: how many experiences were moved.
    /// - Throws: what kept one from moving, once all others have.
    @discardableResult
    public func advance() async throws -> Int {
        let now = resources.clock.now.seconds
        var due = try await resources.store.database.read { try Self.due(at: now, from: $0) }
        due += try await full(at: now)
        var count = 0
        var failure: (any Error)?
        for move in due {
            do {
                if try await apply(move) { count += 1 }
            } catch {
                // One that can move nowhere holds up no other.
                if !(error is ExperimentsError) { failure = error }
            }
        }
        if let failure { throw failure }
        return count
    }

    /// Experiences whose time has come: to start, to stop, or that have run as long as they may.
    private static func due(at now: Int64, from database: Database) throws -> [Due] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT id, project_id, status FROM resources
                WHERE kind = 'experience' AND status IN ('scheduled', 'active') AND (
                    (status = 'scheduled' AND json_extract(document, '$.start_time') <= :now)
                    OR (status = 'active' AND json_extract(document, '$.end_time') BETWEEN 1 AND :now)
                    OR (status = 'active' AND json_extract(document, '$.settings.max_running_time') > 0
                        AND json_extract(document, '$.start_time')
                            + json_extract(document, '$.settings.max_running_time') * 86400 <= :now))
                ORDER BY id
                """,
            arguments: ["now": now]
        ).compactMap { row in
            guard let status = ExperienceStatus(rawValue: row["status"]) else { return nil }
            return Due(id: row["id"], projectID: row["project_id"], status: status)
        }
    }

    /// Running experiences that have had as many visitors as they may, and have run as long as they must.
    private func full(at now: Int64) async throws -> [Due] {
        typealias Limited = (id: Int64, projectID: Int64, visitors: Int64)
        let limited: [Limited] = try await resources.store.database.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT id, project_id, json_extract(document, '$.settings.max_experience_visitors') AS most
                    FROM resources WHERE kind = 'experience' AND status = 'active' AND most > 0
                        AND json_extract(document, '$.start_time')
                            + ifnull(json_extract(document, '$.settings.min_running_time'), 0) * 86400 <= ?
                    """,
                arguments: [now]
            ).map { ($0["id"], $0["project_id"], $0["most"]) }
        }
        var full: [Due] = []
        for (projectID, experiences) in Dictionary(grouping: limited, by: \.projectID) {
            let traffic = try await resources.activity.experienceTraffic(projectID)
            for experience in experiences where traffic[experience.id]?.visitors ?? 0 >= experience.visitors {
                full.append(Due(id: experience.id, projectID: projectID, status: .active))
            }
        }
        return full
    }

    private func apply(_ due: Due) async throws -> Bool {
        try await resources.store.database.write { database in
            guard
                let row = try Row.fetchOne(
                    database, sql: "SELECT * FROM projects WHERE id = ?", arguments: [due.projectID]),
                let project = Project(row: row),
                let status = try String.fetchOne(
                    database, sql: "SELECT status FROM resources WHERE id = ?", arguments: [due.id]),
                status == due.status.rawValue
            else { return false }
            let scope = ResourceScope(
                project: project, author: ChangeAuthor(name: "schedule", method: .app, requestID: nil))
            let next: ExperienceStatus = due.status == .scheduled ? .active : .completed
            do {
                try database.inSavepoint {
                    try resources.change(
                        .experiences, due.id, JSONObject([("status", .string(next.rawValue))]), scope, in: database)
                    return .commit
                }
                return true
            } catch is ExperimentsError {
                // It lacks something: back to a draft, where its owner sees that it did not start.
                try resources.change(
                    .experiences, due.id, JSONObject([("status", .string(ExperienceStatus.draft.rawValue))]), scope,
                    in: database)
                return true
            }
        }
    }
}
