package import ControlStore

/// Removes what is stored of environments and projects besides their records, and what there is too much of to go with
/// these in one transaction: all others would wait for that. Answered by the room that deletes events.
package protocol EnvironmentRemovalScheduling: Sendable {
    /// Told in the transaction that deletes environments, before it does.
    /// - Parameter projectID: their project, when it goes with them.
    func schedule(environments environmentIDs: [Int64], project projectID: Int64?, in database: Database) throws
}

/// The keys that open projects. Answered by the room that keeps them.
package protocol ProjectKeys: Sendable {
    /// Told of a project that is gone: its keys open nothing any more.
    func remove(projectID: Int64)
}
