public import Text

/// Who an export's filters name, looked up when it starts. Answered by the room that knows users and segments.
public protocol ExportAudience: Sendable {
    /// Returns once what was committed before the call shows in the answers.
    func catchUp() async throws
    /// User ids in a segment of an environment; nil when the environment has no such segment.
    func segmentMembers(_ segmentID: Int64, environmentID: Int64) async throws -> Set<ClientText>?
    /// Whom exports leave out when they are asked to.
    func excludedSubjects(environmentID: Int64) async throws -> (users: [String], companies: [String])
}

/// Removals of what visitors did in experiences that are under way. Answered by the room that removes it.
public protocol PendingReportRemovals: Sendable {
    /// Returns once no removal of the experience is under way.
    func waitUntilNoneIsPending(experienceID: Int64) async throws
}

/// Deletions that are under way. Answered by the room that deletes.
public protocol PendingDeletions: Sendable {
    /// Returns once no deletion of the environment is under way.
    func waitUntilNoneIsPending(environmentID: Int64) async throws
}
