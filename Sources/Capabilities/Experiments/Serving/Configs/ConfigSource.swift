/// Where configs' projects come from. Answered by the room that keeps projects.
package protocol ConfigSource: Sendable {
    /// Goes up whenever something of any project has been committed.
    var commits: Int { get }

    /// The project's own count of changes; nil when there is none.
    func revision(_ projectID: Int64) async throws -> Int64?

    /// All that configs of a project are made of; nil when there is none.
    func load(_ projectID: Int64) async throws -> ServedRevision?
}
