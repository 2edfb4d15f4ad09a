package import ControlStore
package import JSON

/// What answers about experiments show of projects. The room that keeps projects answers, and the root joins the two.
package protocol ProjectSummaries: Sendable {
    /// By the project's id (contract schema `SimpleProject`).
    func summaries(of projectIDs: [Int64], from database: Database) throws -> [Int64: JSONValue]
}
