public import ControlStore
import EventStore
import Identity
import JSON
import ProjectDocuments
package import Resources
import Synchronization
import Time

/// Starts and ends experiences at their time, without anybody asking.
///
/// One that cannot be moved three times in a row is set aside, and holds up no other.
public final class ExperienceLifecycle: Sendable {
    private let resources: ResourceService
    private let endings: any ExperienceEndings
    private let limits: LimitedExperiences
    /// How often moves have failed, by the experience's id.
    private let failures = Mutex<[Int64: Int]>([:])

    /// Attempts before an experience is set aside.
    private static let attempts = 3

    package init(resources: ResourceService, endings: any ExperienceEndings) {
        self.resources = resources
        self.endings = endings
        limits = LimitedExperiences(resources)
    }

    private struct Due {
        let id: Int64
        let projectID: Int64
        let status: ExperienceStatus
        /// It has run as long, or has had as many visitors, as it may; otherwise its time was set.
        let isAtLimit: Bool

        init?(row: Row) throws {
            guard let status = try ExperienceStatus(rawValue: row.read("status")) else { return nil }
            try self.init(
                id: row.read("id"), projectID: row.read("project_id"), status: status,
                isAtLimit: false)
        }

        init(id: Int64, projectID: Int64, status: ExperienceStatus, isAtLimit: Bool) {
            self.id = id
            self.projectID = projectID
            self.status = status
            self.isAtLimit = isAtLimit
        }
    }

    /// Makes every move that is due. Doing it twice changes nothing more, so nothing is lost when the process dies.
    /// - Returns: how many experiences were moved.
    /// - Throws: trouble of the store.
    @discardableResult
    public func advance() async throws -> Int {
        let now = resources.clock.now.seconds
        for unreadable in try await resources.store.read({ try Self.unreadable(from: $0) }) {
            try await setAside(unreadable, "its document cannot be read", attempts: 1)
        }
        var count = 0
        for move in try await allDue(at: now) {
            do {
                if try await apply(move) { count += 1 }
                failures.withLock { $0[move.id] = nil }
            } catch {
                if StoreTrouble.isCause(of: error) { throw error }
                // What it is judged by cannot be read now; it runs on until that has passed.
                if EventStoreTrouble.isCause(of: error) { continue }
                let attempts = failures.withLock { failures in
                    failures[move.id, default: 0] += 1
                    return failures[move.id] ?? 1
                }
                guard attempts >= Self.attempts else { continue }
                try await setAside(move, "\(error)", attempts: attempts)
                failures.withLock { $0[move.id] = nil }
            }
        }
        return count
    }

    private func setAside(_ move: Due, _ reason: String, attempts: Int) async throws {
        let now = resources.clock.now
        try await resources.store.write { database in
            try SetAside.insert(
                SetAsideEntry(
                    kind: .schedule, environmentID: nil, projectID: move.projectID, subject: String(move.id),
                    reason: reason, attempts: attempts), at: now, in: database)
        }
    }

    /// Moves an experience that was set aside, should it be due.
    /// - Throws: why it still cannot be moved.
    public func retry(_ item: SetAsideItem) async throws {
        let now = resources.clock.now.seconds
        let id = Int64(item.entry.subject) ?? 0
        let document = try await resources.store.read { database in
            try database.value(String.self, sql: "SELECT document FROM resources WHERE id = ?", arguments: [id])
        }
        if let document { _ = try JSONDocument(stored: document) }
        for move in try await allDue(at: now, evenSetAside: true) where move.id == id { _ = try await apply(move) }
        _ = try await resources.store.write { try SetAside.remove(item, in: $0) }
    }

    /// Those of whom nobody can tell when they are due.
    private static func unreadable(from database: Database) throws -> [Due] {
        try database.rows(
            sql: """
                SELECT id, project_id, status FROM resources
                WHERE kind = 'experience' AND status IN ('scheduled', 'active') AND NOT \(SQL.isJSON("document"))
                """
        ).readable("experience", Due.init(row:)).filter { try !isSetAside($0.id, in: database) }
    }

    private static func isSetAside(_ id: Int64, in database: Database) throws -> Bool {
        try SetAside.contains(.schedule, String(id), in: database)
    }

    /// Documents are read only where they can be: the engine looks at no row that the condition before has left out.
    private static func due(at now: Int64, evenSetAside: Bool = false, from database: Database) throws -> [Due] {
        try database.rows(
            sql: """
                SELECT id, project_id, status
                FROM resources WHERE kind = 'experience' AND status IN ('scheduled', 'active') AND iif(\(SQL.isJSON("document")),
                    (status = 'scheduled' AND \(SQL.member("start_time")) <= :now)
                    OR (status = 'active' AND \(SQL.member("end_time")) BETWEEN 1 AND :now), 0)
                ORDER BY id
                """,
            arguments: ["now": now]
        ).readable("experience", Due.init(row:)).filter { try evenSetAside || !isSetAside($0.id, in: database) }
    }

    /// Those to be moved at this time, each once.
    private func allDue(at now: Int64, evenSetAside: Bool = false) async throws -> [Due] {
        // Those whose time was set do not wait for what the others are judged by.
        let timed = try await resources.store.read { try Self.due(at: now, evenSetAside: evenSetAside, from: $0) }
        let known = Set(timed.map(\.id))
        let limited = try await limits.reached(at: now).filter { !known.contains($0.id) }
        return try await resources.store.read { database in
            try timed
                + limited.filter { try evenSetAside || !Self.isSetAside($0.id, in: database) }
                .map { Due(id: $0.id, projectID: $0.projectID, status: .active, isAtLimit: true) }
        }
    }

    private func apply(_ due: Due) async throws -> Bool {
        if due.isAtLimit, try await endings.conclude(due.id, projectID: due.projectID) { return true }
        return try await resources.store.write { database in
            guard
                let project = try Project.fetch(due.projectID, from: database),
                let status = try database.value(
                    String.self, sql: "SELECT status FROM resources WHERE id = ?", arguments: [due.id]),
                status == due.status.rawValue
            else { return false }
            let scope = ResourceScope(
                project: project, author: ChangeAuthor(name: "schedule", method: .app, requestID: nil), role: .owner)
            let next: ExperienceStatus = due.status == .scheduled ? .active : .completed
            do {
                try database.savepoint {
                    try resources.change(
                        .experiences, due.id, JSONObject([("status", .string(next.rawValue))]), scope, in: database)
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
