import EventStore
public import JSON
public import Jobs
public import Time

/// Which feature is to be looked for in the past, and how far.
public struct FeatureHistoryOrder: JobPayload {
    let tag: String
    /// From when it is looked for in what arrives, by the rules that are meant.
    let countsSince: Timestamp
    /// Where the log ended then, as it is kept; nil where that is not known.
    let countsFrom: String?
    /// Only what happened from then on.
    let since: Timestamp?
    let stream: EventStream

    public var json: JSONValue {
        [
            "tag": .string(tag), "counts_since": .integer(countsSince.microseconds),
            "counts_from": countsFrom.map { .string($0) } ?? .null,
            "since": since.map { .integer($0.microseconds) } ?? .null, "environment_id": .integer(stream.environmentID),
            "project_id": .integer(stream.projectID), "app_token": .string(stream.appToken),
        ]
    }
}

extension FeatureHistoryOrder {
    public init?(_ job: Job) {
        let payload = job.payload
        guard let tag = payload["tag"]?.string, let countsSince = payload["counts_since"]?.int64,
            let environmentID = payload["environment_id"]?.int64, let projectID = payload["project_id"]?.int64,
            let appToken = payload["app_token"]?.string
        else { return nil }
        self.init(
            tag: tag, countsSince: Timestamp(microseconds: countsSince), countsFrom: payload["counts_from"]?.string,
            since: payload["since"]?.int64.map { Timestamp(microseconds: $0) },
            stream: EventStream(environmentID: environmentID, projectID: projectID, appToken: appToken))
    }
}

/// How far looking through the past has come.
public struct FeatureHistoryProgress: Sendable, Equatable {
    /// Up to where in the log it has come and is to come, as positions are kept.
    var position: String
    var end: String
    /// Page views, custom events and uses of features in between.
    public internal(set) var totalEvents: Int
    public internal(set) var examinedEvents = 0
    /// Uses that were stored.
    public internal(set) var addedUses = 0
    /// Events that may be uses of more features than are looked for in one.
    public internal(set) var limitedEvents = 0

    var json: JSONValue {
        [
            "position": .string(position), "end": .string(end), "total": .integer(Int64(totalEvents)),
            "examined": .integer(Int64(examinedEvents)), "added": .integer(Int64(addedUses)),
            "limited": .integer(Int64(limitedEvents)),
        ]
    }
}

extension FeatureHistoryProgress {
    init?(_ json: JSONValue?) {
        guard let json, let position = json["position"]?.string, let end = json["end"]?.string else { return nil }
        func count(_ name: String) -> Int { Int(json[name]?.int64 ?? 0) }
        self.init(
            position: position, end: end, totalEvents: count("total"), examinedEvents: count("examined"),
            addedUses: count("added"), limitedEvents: count("limited"))
    }
}

/// A search through the past as its caller sees it.
public struct FeatureHistoryJob: Sendable {
    public enum State: String, Sendable {
        case queued
        case running
        case completed
        case failed
        case cancelled
    }

    public let state: State
    /// Only what happened from then on; nil for all.
    public let since: Timestamp?
    /// Nil before it has begun.
    public let progress: FeatureHistoryProgress?
    /// Why it failed, or why its last try did.
    public let error: String?
    public let createdAt: Timestamp
    public let startedAt: Timestamp?
    public let finishedAt: Timestamp?

    let id: String

    init?(_ job: Job) {
        guard let order = FeatureHistoryOrder(job) else { return nil }
        let isCancelled = job.state == .failed && job.error == FeatureHistory.cancelled
        state = isCancelled ? .cancelled : State(rawValue: job.state.rawValue) ?? .failed
        since = order.since
        progress = FeatureHistoryProgress(job.result) ?? FeatureHistoryProgress(job.progress)
        error = isCancelled ? nil : job.error
        createdAt = job.createdAt
        startedAt = job.startedAt
        finishedAt = job.finishedAt
        id = job.id
    }
}
