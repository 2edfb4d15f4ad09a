public import JSON
public import Time

/// A piece of work that outlives the request that asked for it, as it stands in the store.
public struct Job: Sendable, Equatable, Identifiable {
    /// A random UUID in lower case.
    public let id: String
    /// Names the handler that runs it, such as `export`.
    public let kind: String
    /// The environment it works for; nil for the server's own housekeeping.
    public let environmentID: Int64?
    public let state: JobState
    /// What to do, as its creator wrote it: handlers are given it as their ``JobPayload``.
    public let payload: JSONValue
    /// How far it has come, as its handler last wrote it. Survives a crash, so a handler can resume from it.
    public let progress: JSONValue?
    /// What came out of it, once completed.
    public let result: JSONValue?
    /// Why it failed; while it waits for another try, why the last one did not succeed.
    public let error: String?
    /// How many runs ended with an error that may pass.
    public let failures: Int
    /// How many runs were cut off because the process died.
    public let crashes: Int
    /// Not before this time.
    public let runAt: Timestamp
    public let createdAt: Timestamp
    /// When its first run began.
    public let startedAt: Timestamp?
    /// When it completed or failed for good.
    public let finishedAt: Timestamp?
    /// Whether it is known to take little time.
    public let isShort: Bool
}

/// Where a job stands.
public enum JobState: String, Sendable, CaseIterable {
    /// Waits for its time, or for a free place.
    case queued
    case running
    case completed
    /// Failed for good, or cancelled.
    case failed

    /// Whether nothing more will happen to the job.
    public var isFinished: Bool { self == .completed || self == .failed }
}

/// A job to be.
public struct NewJob: Sendable {
    public var kind: String
    public var environmentID: Int64?
    public var payload: JSONValue
    /// Not before this time; nil means at once.
    public var runAt: Timestamp?
    /// When set, at most one unfinished job of this group may exist in the environment.
    public var exclusiveGroup: String?
    /// Whose turn it takes.
    public var holder: JobHolder
    /// Whether it is known to take little time: some places are kept for such jobs.
    public var isShort = false
    /// When set, it is refused while so many jobs of the kind wait whose turn is the same.
    public var mostWaiting: Int?

    /// - Parameter holder: nil for that of the environment, or the server where there is none.
    public init(
        kind: String, environmentID: Int64?, holder: JobHolder? = nil, payload: some JobPayload,
        runAt: Timestamp? = nil, exclusiveGroup: String? = nil, isShort: Bool = false, mostWaiting: Int? = nil
    ) {
        self.kind = kind
        self.environmentID = environmentID
        self.payload = payload.json
        self.runAt = runAt
        self.exclusiveGroup = exclusiveGroup
        self.holder = holder ?? environmentID.map { .environment($0) } ?? .server
        self.isShort = isShort
        self.mostWaiting = mostWaiting
    }

    var slot: String? {
        exclusiveGroup.map { Self.slot($0, environmentID: environmentID) }
    }

    static func slot(_ group: String, environmentID: Int64?) -> String {
        "\(group)/\(environmentID.map(String.init) ?? "")"
    }
}

/// What can go wrong with a job from the outside.
public enum JobError: Error, Equatable, CustomStringConvertible {
    /// An unfinished job of the same group exists in the environment.
    case alreadyRunning(jobID: String)
    /// The run no longer owns its job: the job was cancelled, or given to another run after the lease expired.
    case leaseLost(jobID: String)
    /// So many jobs of the kind wait in the account already.
    case tooManyWaiting(limit: Int)

    /// Whether it passes as the account's other jobs finish.
    public var isPassing: Bool {
        if case .tooManyWaiting = self { true } else { false }
    }

    public var description: String {
        switch self {
        case .alreadyRunning(let jobID): "job \(jobID) is still running; wait until it has finished or cancel it"
        case .tooManyWaiting(let limit):
            "\(limit) jobs of this kind wait in the account already; wait until some of them have finished"
        case .leaseLost(let jobID): "job \(jobID) was cancelled or is run by somebody else"
        }
    }
}

/// Thrown by a handler when trying again would not help.
public struct PermanentJobFailure: Error, Equatable, CustomStringConvertible {
    /// Shown to whoever asked for the job.
    public let reason: String
    /// Whether the job itself is at fault rather than what it was asked to do: it is set aside.
    public let isDefect: Bool

    public init(_ reason: String, isDefect: Bool = false) {
        self.reason = reason
        self.isDefect = isDefect
    }

    /// What the job is to do cannot be made out.
    public static let damagedDescription = PermanentJobFailure("The job's description is damaged.", isDefect: true)

    public var description: String { reason }
}
