public import EventStore
public import Time

/// Keeps what is known of visitors of experiments. Answered by the room that serves them.
public protocol ReportVisitors: Sendable {
    /// Returns once everything that was sent before is an experiment event.
    func settle() async throws
    /// Forgets what visitors saw and reached in an experience, as far as they lose it: what is sent again counts again.
    /// - Parameter end: what was learned after that stays.
    func forget(
        _ losses: [ExperimentVisitorLoss], experienceID: Int64, projectID: Int64, upTo end: Timestamp) async throws
    /// How many visitors and conversions are counted in an experience.
    func traffic(experienceID: Int64) async throws -> (visitors: Int64, conversions: Int64)
    /// Adds to what is counted; no count falls below 0.
    func addTraffic(visitors: Int64, conversions: Int64, experienceID: Int64) async throws
}

/// Keeps copies of the log. Answered by whoever makes them.
public protocol ReportCopies: Sendable {
    /// Removes what is no longer in the log.
    func reconcile(environmentID: Int64) async throws
}

/// Forgets what was made of the events that are gone. Answered by the room that acts on results.
package protocol ReportResults: Sendable {
    func forget(experienceID: Int64, projectID: Int64) async throws
}

/// Has what was deleted overwritten on disk. Answered by the room that deletes events.
public protocol ReportErasure: Sendable {
    func schedule() async throws
}
