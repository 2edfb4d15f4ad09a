package import ControlStore

/// Removes what is stored of environments and projects besides their records. Answered by the room that deletes events.
package protocol EnvironmentRemovalScheduling: Sendable {
    /// Told in the transaction that deletes environments, before it does.
    /// - Parameter projectID: their project, when it goes with them.
    func schedule(environments environmentIDs: [Int64], project projectID: Int64?, in database: Database) throws
}

/// What is known of the visitors of projects. Answered by the room that keeps it.
package protocol ProjectVisitors: Sendable {
    /// Told of a project that is about to go, before the transaction that deletes it: there may be too many for that.
    func deleteAll(projectID: Int64, environmentIDs: [Int64]) async throws
}

/// The keys that open projects. Answered by the room that keeps them.
package protocol ProjectKeys: Sendable {
    /// Told of a project that is gone: its keys open nothing any more.
    func remove(projectID: Int64)
}
