public import EventStore
import JSON
public import Jobs
import Text
public import Time

/// Has features looked for in what the log holds from before they were: by a job, one a feature.
public struct FeatureHistory: Sendable {
    public static let jobKind = "feature_history"
    /// How long a finished search is shown.
    public static let retention = JobRetention(seconds: 30 * 86_400)

    static let cancelled = "cancelled"
    /// Searches of one account that may wait.
    private static let mostWaiting = 100

    private let jobs: JobStore

    public init(jobs: JobStore) {
        self.jobs = jobs
    }

    /// Queues a search.
    /// - Parameters:
    ///   - countsSince: from when the feature is looked for in what arrives.
    ///   - countsFrom: where the log ended then; nil where that is not known.
    ///   - since: only what happened from then on; nil for all.
    /// - Throws: `JobError.alreadyRunning` while there is one of the feature, `JobError.tooManyWaiting`.
    public func start(
        _ tag: String, countsSince: Timestamp, countsFrom: LogPosition?, since: Timestamp?, in stream: EventStream
    ) async throws -> FeatureHistoryJob? {
        let order = FeatureHistoryOrder(
            tag: tag, countsSince: countsSince, countsFrom: countsFrom?.stored, since: since, stream: stream)
        return FeatureHistoryJob(
            try await jobs.enqueue(
                NewJob(
                    kind: Self.jobKind, environmentID: stream.environmentID, payload: order,
                    exclusiveGroup: "\(Self.jobKind) \(tag)", mostWaiting: Self.mostWaiting)))
    }

    /// The newest search of a feature; nil when there was none within the last thirty days.
    public func newest(_ tag: String, environmentID: Int64) async throws -> FeatureHistoryJob? {
        let all = try await jobs.list(kinds: [Self.jobKind], environmentID: environmentID)
        return all.first { $0.payload["tag"]?.string.hasSameBytes(as: tag) ?? false }.flatMap { FeatureHistoryJob($0) }
    }

    /// Ends a search; what it has found stays.
    /// - Returns: false when none is under way.
    public func cancel(_ tag: String, environmentID: Int64) async throws -> Bool {
        guard let newest = try await newest(tag, environmentID: environmentID) else { return false }
        return try await jobs.cancel(newest.id, environmentID: environmentID, reason: Self.cancelled)
    }
}
