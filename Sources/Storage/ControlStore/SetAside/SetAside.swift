import Foundation
import Logging
import Metrics
package import Time

/// What could not be digested, inside the transaction that goes on without it.
package enum SetAside {
    /// Characters of a reason that are kept.
    private static let maximumReasonLength = 1_000
    private static let logger = Logger(label: "sextant")

    /// Sets something aside; once that is committed it is logged and counted. Set aside again, its attempts add up. What
    /// belongs to an environment or a project that is gone is nobody's, and is not kept.
    package static func insert(_ entry: SetAsideEntry, at now: Timestamp, in database: Database) throws {
        let statement = try database.prepare(
            """
            INSERT INTO set_aside (
                kind, environment_id, project_id, subject, user_id, company_id, received_at, reason, attempts,
                content, set_aside_at, last_tried_at)
            SELECT ?1, ?2, ifnull((SELECT project_id FROM environments WHERE id = ?2), ?3), ?4, ?5, ?6, ?7, ?8, ?9,
                ?10, ?11, ?11
            WHERE (?2 IS NULL OR EXISTS (SELECT 1 FROM environments WHERE id = ?2))
                AND (?3 IS NULL OR EXISTS (SELECT 1 FROM projects WHERE id = ?3))
            ON CONFLICT (kind, subject, ifnull(project_id, 0)) DO UPDATE SET
                reason = excluded.reason, attempts = attempts + excluded.attempts,
                content = ifnull(excluded.content, content), last_tried_at = excluded.last_tried_at
            """)
        try statement.execute(arguments: [
            entry.kind.rawValue, entry.environmentID, entry.projectID, entry.subject, entry.userID, entry.companyID,
            entry.receivedAt, text(entry.reason), entry.attempts, entry.content.map { Data($0) }, now,
        ])
        database.afterCommit { announce(entry) }
    }

    /// The project that something is set aside for, as long as it is there.
    package static func existingProject(_ id: Int64, in database: Database) throws -> Int64? {
        try database.value(Int64.self, sql: "SELECT id FROM projects WHERE id = ?", arguments: [id])
    }

    /// Whether something of this kind is set aside.
    package static func contains(
        _ kind: SetAsideKind, _ subject: String, projectID: Int64? = nil, in database: Database
    ) throws -> Bool {
        try database.prepare(
            """
            SELECT EXISTS (
                SELECT 1 FROM set_aside WHERE kind = ?1 AND subject = ?2
                    AND (?3 IS NULL OR ifnull(project_id, 0) = ?3))
            """
        ).value(Bool.self, arguments: [kind.rawValue, subject, projectID]) ?? false
    }

    /// What of a kind belongs to no environment and no project: it is the operator's.
    package static func ownerless(_ kind: SetAsideKind, in database: Database) throws -> [String] {
        try database.values(
            String.self,
            sql: "SELECT subject FROM set_aside WHERE environment_id IS NULL AND project_id IS NULL AND kind = ?",
            arguments: [kind.rawValue])
    }

    /// What of a kind is set aside, whoever it belongs to.
    package static func all(_ kind: SetAsideKind, in database: Database) throws -> [String] {
        try database.values(
            String.self, sql: "SELECT subject FROM set_aside WHERE kind = ?", arguments: [kind.rawValue])
    }

    /// Takes something back, in the transaction that digests it after all.
    /// - Returns: false when it is not set aside, or no longer.
    @discardableResult
    package static func remove(_ kind: SetAsideKind, _ subject: String, in database: Database) throws -> Bool {
        let count = try database.prepare("DELETE FROM set_aside WHERE kind = ? AND subject = ?")
            .execute(arguments: [kind.rawValue, subject])
        return count > 0
    }

    /// The same for something that is at hand.
    @discardableResult
    package static func remove(_ item: SetAsideItem, in database: Database) throws -> Bool {
        let count = try database.prepare("DELETE FROM set_aside WHERE id = ?").execute(arguments: [item.id])
        return count > 0
    }

    static func text(_ reason: String) -> String { String(reason.unicodeScalars.prefix(maximumReasonLength)) }

    private static func announce(_ entry: SetAsideEntry) {
        Counter(label: "sextant_set_aside_total", dimensions: [("kind", entry.kind.rawValue)]).increment()
        var metadata: Logger.Metadata = [
            "kind": "\(entry.kind.rawValue)", "id": "\(entry.subject)", "attempts": "\(entry.attempts)",
            "reason": "\(text(entry.reason))",
        ]
        if let environmentID = entry.environmentID { metadata["environment"] = "\(environmentID)" }
        if let projectID = entry.projectID { metadata["project"] = "\(projectID)" }
        logger.error("set aside after failing again and again", metadata: metadata)
    }
}
