public import EventStore
import JSON
public import Jobs
public import Time

/// A deletion as whoever asked for it sees it: how far it is, and what came of it. It holds no personal data, and stays when what the job
/// was to do is forgotten.
public struct DeletionReceipt: Sendable {
    /// The job's.
    public let id: String
    public let subject: DeletionSubject
    public let state: JobState
    /// The key that asked for it; nil where none did.
    public let keyID: Int64?
    /// How many users or companies were named.
    public let idCount: Int64
    public let submittedAt: Timestamp
    public let startedAt: Timestamp?
    public let finishedAt: Timestamp?
    /// Events and profiles that were removed, of all deletions that were done together.
    public let counts: DeletedCounts
    /// How many deletions were done together, this one included; 0 until it is done.
    public let requests: Int64
    /// Why it failed; nil unless it has.
    public let failureReason: String?

    /// How long it can be looked up once it is done, in seconds.
    public static let keptSeconds: Int64 = 366 * 86_400

    /// Nil for a job that is no deletion, or cannot be read.
    init?(_ job: Job) {
        self.init(job, id: job.id, submittedAt: job.createdAt, origin: nil)
    }

    init?(_ taken: TakenJob) {
        self.init(taken.standIn, id: taken.id, submittedAt: taken.createdAt, origin: DeletionOrigin(taken.origin))
    }

    private init?(_ job: Job, id: String, submittedAt: Timestamp, origin: DeletionOrigin?) {
        guard job.kind == DeletionService.jobKind || job.kind == DeletionService.companyJobKind else { return nil }
        let deletion = Deletion(job)
        // What was done before receipts were kept says no more than that it was done.
        let subject = job.result?["subject"]?.string.flatMap(DeletionSubject.init(rawValue:)) ?? deletion?.subject
        guard let subject else { return nil }
        self.id = id
        self.subject = subject
        state = job.state
        let own = origin ?? deletion?.origin ?? DeletionOrigin(job.result?["origin"])
        keyID = own.keyID
        idCount = Int64(own.idCount)
        self.submittedAt = submittedAt
        startedAt = job.startedAt
        finishedAt = job.finishedAt
        counts = DeletedCounts(json: job.result)
        requests = job.result?["requests"]?.int64 ?? 0
        failureReason = job.state == .failed ? job.error : nil
    }
}

/// What a deletion has removed.
public struct DeletedCounts: Sendable, Equatable {
    public var events: Int64 = 0
    public var profiles: Int64 = 0
}

extension DeletedCounts {
    /// What a run before this one has noted.
    init(_ context: JobContext) { self.init(json: context.job.progress) }

    init(json: JSONValue?) {
        events = json?["deleted_events"]?.int64 ?? 0
        profiles = json?["deleted_profiles"]?.int64 ?? 0
    }

    mutating func add(_ more: DeletedCounts) {
        events &+= more.events
        profiles &+= more.profiles
    }

    var json: JSONValue { ["deleted_events": .integer(events), "deleted_profiles": .integer(profiles)] }
}

/// Who asked for a deletion, and of how many.
struct DeletionOrigin: Sendable {
    var keyID: Int64?
    var idCount = 0

    var json: JSONValue {
        ["key_id": keyID.map { .integer($0) } ?? .null, "ids": .integer(Int64(idCount))]
    }
}

extension DeletionOrigin {
    /// - Parameter count: of ids where nothing says it.
    init(_ json: JSONValue?, otherwise count: Int = 0) {
        keyID = json?["key_id"]?.int64
        idCount = (json?["ids"]?.int64).flatMap { Int(exactly: $0) } ?? count
    }
}

extension Deletion {
    /// What stays of it once it is done.
    func receipt(_ counts: DeletedCounts) -> JSONValue {
        [
            "subject": .string(subject.rawValue), "origin": origin.json, "requests": .integer(requests),
            "deleted_events": .integer(counts.events), "deleted_profiles": .integer(counts.profiles),
        ]
    }
}
