public import JSON

/// What a job of one kind is to do: its creator writes it, and its handler reads it, perhaps after an update of the server.
///
/// A member `project` of what is written names the project that a job without an environment is for, by its id.
public protocol JobPayload: Sendable {
    /// Reads what is stored, by this version or an earlier one; nil for what describes no such job.
    init?(_ job: Job)

    /// What is stored.
    var json: JSONValue { get }
}

/// Of jobs that need not be told anything.
public struct NoPayload: JobPayload {
    public init() {}

    public init?(_ job: Job) {}

    public var json: JSONValue { [:] }
}
