package import ControlStore
import Identity
package import JSON
package import Time

/// Writes the change history, in the transaction of the change itself.
package struct ChangeLog {
    let accountID: Int64
    let projectID: Int64?
    let author: ChangeAuthor
    let now: Timestamp

    package init(accountID: Int64, projectID: Int64?, author: ChangeAuthor, now: Timestamp) {
        self.accountID = accountID
        self.projectID = projectID
        self.author = author
        self.now = now
    }

    /// - Parameters:
    ///   - object: kind of what changed, such as `goal`.
    ///   - old: nil when it did not exist.
    ///   - new: nil when it exists no more.
    package func record(
        _ event: String, _ object: String, id: Int64, parentID: Int64? = nil, old: JSONObject?, new: JSONObject?,
        in database: Database
    ) throws {
        var new = new
        if let cause = author.cause { new?["cause"] = cause }
        try database.execute(
            prepared: """
                INSERT INTO changes (
                    account_id, project_id, object, object_id, parent_object_id, event, method, author, request_id, old,
                    new, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                accountID, projectID, object, id, parentID, event, author.method.rawValue, author.name,
                author.requestID, old.map { JSONValue.object($0).encodedString },
                new.map { JSONValue.object($0).encodedString }, now,
            ])
        if let projectID { try Project.raiseRevision(of: projectID, at: now, in: database) }
    }

    /// The members that differ, before and after; nil when none does.
    package static func difference(_ old: JSONObject, _ new: JSONObject) -> (old: JSONObject, new: JSONObject)? {
        var before = JSONObject()
        var after = JSONObject()
        for (field, value) in old where new[field] != value {
            before[field] = value
            after[field] = new[field] ?? .null
        }
        for (field, value) in new where old[field] == nil {
            before[field] = .null
            after[field] = value
        }
        return before.isEmpty && after.isEmpty ? nil : (before, after)
    }
}
