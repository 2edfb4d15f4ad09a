package import ControlStore
package import JSON
import Time

extension ResourceService {
    /// Has a running experience begin anew; the history is the caller's. One that does not run keeps its times: they are facts.
    /// - Returns: when it began before, and when it begins now, in Unix seconds; nil when it does not run.
    package func restart(
        _ experienceID: Int64, _ scope: ResourceScope, in database: Database
    ) throws -> (old: JSONValue, new: JSONValue)? {
        let resource = try find(.experience, .id(experienceID), scope, in: database)
        guard resource.status == "active" else { return nil }
        var document = resource.document
        let (old, new) = (document["start_time"] ?? .null, JSONValue.integer(clock.now.seconds))
        document["start_time"] = new
        // What was decided by what is gone counts no more.
        document["concluded"] = nil
        try database.execute(
            prepared: "UPDATE resources SET document = ?, updated_at = ? WHERE id = ?",
            arguments: [try StoredDocument.text(document), clock.now, experienceID])
        return (old, new)
    }
}
