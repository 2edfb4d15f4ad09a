public import ControlStore
public import EventStore
public import Jobs
public import Time

/// Has what was deleted overwritten on disk, at the next full hour: the work is the same for one deletion and for
/// hundreds.
public struct ErasureService: Sendable {
    public static let jobKind = "erasure"

    private let jobs: JobStore
    private let clock: WallClock

    public init(jobs: JobStore, clock: WallClock) {
        self.jobs = jobs
        self.clock = clock
    }

    /// Has it done at the next full hour.
    public func schedule() async throws {
        let hour = clock.now.seconds / 3_600 + 1
        do {
            // One job an hour: that of an hour which has begun may already be past what is deleted now.
            try await jobs.enqueue(
                NewJob(
                    kind: Self.jobKind, environmentID: nil, payload: NoPayload(),
                    runAt: Timestamp(seconds: hour * 3_600),
                    exclusiveGroup: "erasure \(hour)"))
        } catch JobError.alreadyRunning {}
    }
}

/// Does the overwriting, of events and of profiles.
public struct ErasureJobHandler: JobHandler {
    private let events: EventStore
    private let control: ControlStore

    public init(events: EventStore, control: ControlStore) {
        self.events = events
        self.control = control
    }

    public func run(_ nothing: NoPayload, _ context: JobContext) async throws {
        try await control.erase()
        try await events.erase()
    }
}
