import ControlStore

/// Does the work of one kind of job.
///
/// A handler must expect to be run again from the start, or from the progress it last stored: after an error, after a
/// shutdown and after a crash. It is cancelled at shutdown and when its job is cancelled, and should then stop soon;
/// whatever it throws after that counts as an interruption, not as a failure.
public protocol JobHandler: Sendable {
    /// What its jobs are told.
    associatedtype Payload: JobPayload

    /// - Parameters:
    ///   - payload: what is to be done.
    ///   - context: the job, and what it can tell while it runs.
    /// - Throws: ``PermanentJobFailure`` when another try would not help; after any other error the job is tried again.
    func run(_ payload: Payload, _ context: JobContext) async throws
}

extension JobHandler {
    /// Runs a job, once what is to be done has been read.
    /// - Throws: ``PermanentJobFailure/damagedDescription``, or what the handler throws.
    package func run(_ context: JobContext) async throws {
        guard let payload = Payload(context.job) else { throw PermanentJobFailure.damagedDescription }
        try await run(payload, context)
    }
}

/// How a worker treats one kind of job.
public struct JobRegistration: Sendable {
    public let kind: String
    public let handler: any JobHandler
    /// How many jobs of the kind run at a time.
    public let concurrency: Int
    /// How many of these places are kept for short jobs, so that none waits behind long ones.
    public let shortPlaces: Int
    public let retry: JobRetryPolicy
    public let retention: JobRetention
    /// Whether what was to be done is forgotten once it is: for jobs that name people.
    public let forgetsPayload: Bool
    /// Whether it is owed to people whose data it removes: once it has failed, it is tried again after every start.
    public let isOwed: Bool

    /// Whether an error is a store's, such as a full disk: the job waits until it has passed, however long that takes.
    public private(set) var isStoreTrouble: @Sendable (any Error) -> Bool = { StoreTrouble.isCause(of: $0) }

    public init(
        kind: String, handler: any JobHandler, concurrency: Int = 1, shortPlaces: Int = 0,
        retry: JobRetryPolicy = JobRetryPolicy(),
        retention: JobRetention = .standard, forgetsPayload: Bool = false, isOwed: Bool = false
    ) {
        self.retention = retention
        self.forgetsPayload = forgetsPayload
        self.isOwed = isOwed
        self.kind = kind
        self.handler = handler
        self.concurrency = max(concurrency, 1)
        self.shortPlaces = min(max(shortPlaces, 0), self.concurrency - 1)
        self.retry = retry
    }

    /// The same, which takes these errors for trouble of a store.
    public func waiting(out isStoreTrouble: @escaping @Sendable (any Error) -> Bool) -> JobRegistration {
        var registration = self
        registration.isStoreTrouble = isStoreTrouble
        return registration
    }
}

/// How often and when a job is tried again after an error that may pass.
public struct JobRetryPolicy: Sendable, Equatable {
    /// How many runs may fail before the job fails for good.
    public let maximumFailures: Int
    /// The wait after the first failure; it doubles with each further one.
    public let firstDelaySeconds: Int64
    public let longestDelaySeconds: Int64

    public init(maximumFailures: Int = 5, firstDelaySeconds: Int64 = 5, longestDelaySeconds: Int64 = 600) {
        self.maximumFailures = max(maximumFailures, 1)
        self.firstDelaySeconds = firstDelaySeconds
        self.longestDelaySeconds = longestDelaySeconds
    }

    /// How long to wait after the failure with this number, counted from 1.
    public func delaySeconds(afterFailure number: Int) -> Int64 {
        var delay = firstDelaySeconds
        for _ in 1..<max(number, 1) where delay < longestDelaySeconds { delay *= 2 }
        return min(delay, longestDelaySeconds)
    }
}
