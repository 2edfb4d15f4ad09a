package import ControlStore
public import EventStore
public import JSON
public import Jobs
public import Time

/// Removes people and companies for good: profile and events. Done by a job, answered at once.
public struct DeletionService: Sendable {
    public static let jobKind = "deletion"
    /// Of companies with all of their users.
    public static let companyJobKind = "company_deletion"

    private let jobs: JobStore
    private let store: EventStore
    private let companies: UserCompanies
    private let clock: WallClock

    /// - Parameter companies: that users are in.
    public init(jobs: JobStore, store: EventStore, companies: UserCompanies, clock: WallClock) {
        self.jobs = jobs
        self.store = store
        self.companies = companies
        self.clock = clock
    }

    /// Deletions of one account that may wait.
    static let mostWaiting = 1_000

    /// Queues the removal of everything committed so far about these ids.
    public func schedule(_ subject: DeletionSubject, ids: [String], environmentID: Int64) async throws {
        try await schedule(Self.jobKind, subject, ids, environmentID)
    }

    /// The same for a company, and everybody who is in it.
    func schedule(companyWithUsers id: String, environmentID: Int64) async throws {
        try await schedule(Self.companyJobKind, .companies, [id], environmentID)
    }

    private func schedule(
        _ kind: String, _ subject: DeletionSubject, _ ids: [String], _ environmentID: Int64
    ) async throws {
        // Experiment events may be newer than the last product event.
        let now = LogPosition(at: clock.now)
        let deletion = Deletion(
            subject: subject, ids: ids, environmentID: environmentID, end: max(try await store.end() ?? now, now))
        // What comes from now on is stored as if they were new.
        companies.begin(deletion)
        do {
            try await jobs.enqueue(
                NewJob(
                    kind: kind, environmentID: environmentID, payload: deletion,
                    mostWaiting: Self.mostWaiting))
        } catch {
            companies.end(deletion)
            throw error
        }
    }

    /// Takes up what the last process left: until their jobs are done, nobody is in a company because of what is to go.
    public static func resume(_ jobs: JobStore, companies: UserCompanies) async throws {
        for kind in [jobKind, companyJobKind] {
            for job in try await jobs.unfinished(kind: kind) {
                if let deletion = Deletion(job) { companies.begin(deletion) }
            }
        }
    }

    /// Returns once no deletion of the environment is under way, so that what reads afterwards sees none of it.
    public func waitUntilNoneIsPending(environmentID: Int64) async throws {
        while true {
            let pending = try await jobs.list(
                kinds: [Self.jobKind, Self.companyJobKind], environmentID: environmentID, states: [.queued, .running],
                limit: 1)
            if pending.isEmpty { return }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}

/// Does the removing, and sees to it that what was removed leaves the disk.
public struct DeletionJobHandler: JobHandler {
    private let store: EventStore
    private let feed: ProjectionFeed
    private let companies: UserCompanies
    private let setAside: SetAsideStore
    private let erasure: ErasureService
    private let others: SubjectKeepers
    private let removals: Turns

    /// - Parameters:
    ///   - companies: that users are in.
    ///   - others: the rooms that keep the rest.
    ///   - removals: whoever makes something of events in the log has such a turn, so that nothing is made of one that goes.
    package init(
        store: EventStore, feed: ProjectionFeed, companies: UserCompanies, setAside: SetAsideStore,
        erasure: ErasureService, others: SubjectKeepers, removals: Turns = Turns(atOnce: 1)
    ) {
        self.removals = removals
        self.store = store
        self.feed = feed
        self.companies = companies
        self.setAside = setAside
        self.erasure = erasure
        self.others = others
    }

    public func run(_ deletion: Deletion, _ context: JobContext) async throws {
        await removals.begin()
        defer { removals.end() }
        let (subject, ids, end) = (deletion.subject, deletion.ids, deletion.end)
        let environmentID = deletion.environmentID
        // Events not yet projected would bring a profile back after it was removed.
        try await feed.catchUp()
        let users = subject == .users ? ids : []
        let joined = try await others.visitors.settled(of: users, environmentID: environmentID, upTo: end.time)
        let visitors = users + joined
        let count = try await store.deleteEvents(
            of: subject, ids: ids, visitors: visitors, environmentID: environmentID, upTo: end)
        try await others.copies.reconcile(environmentID: environmentID)
        try await removeSetAside(subject, subject == .users ? visitors : ids, environmentID, upTo: end.time)
        switch subject {
        case .users:
            try await others.messages.remove(users: ids, environmentID: environmentID)
            try await others.figures.remove(users: ids, environmentID: environmentID)
        case .companies: try await others.messages.remove(companies: ids, environmentID: environmentID)
        }
        // Last, as it says who the visitors are.
        try await others.visitors.remove(of: users, environmentID: environmentID, upTo: end.time)
        try await removeProfiles(deletion)
        companies.end(deletion)
        try await erasure.schedule()
        context.setResult(["deleted_events": .integer(Int64(count))])
    }

    private func removeSetAside(
        _ subject: DeletionSubject, _ ids: [String], _ environmentID: Int64, upTo end: Timestamp
    ) async throws {
        switch subject {
        case .users: try await setAside.delete(users: ids, environmentID: environmentID, upTo: end)
        case .companies: try await setAside.delete(companies: ids, environmentID: environmentID, upTo: end)
        }
    }

    /// Whoever came back after the deletion was asked for stays, with what was said since.
    private func removeProfiles(_ deletion: Deletion) async throws {
        while true {
            try Task.checkCancellation()
            // Asked before the log is: what is committed by then is found there.
            let known = try await feed.furthestPosition()
            let later = try await store.events(
                of: deletion.subject, ids: deletion.ids, environmentID: deletion.environmentID, after: deletion.end,
                knownTo: known)
            let isDone = try await others.profiles.delete(
                deletion.subject, ids: deletion.ids, environmentID: deletion.environmentID, keeping: later)
            if isDone { return }
        }
    }
}

/// Whom a deletion is about, and up to where in the log.
public struct Deletion: JobPayload {
    let subject: DeletionSubject
    let ids: [String]
    let environmentID: Int64
    let end: LogPosition

    /// The environment is the job's own.
    public var json: JSONValue {
        [
            "subject": .string(subject.rawValue), "ids": .array(ids.map { .string($0) }),
            "last": .string(end.stored),
        ]
    }
}

extension Deletion {
    public init?(_ job: Job) {
        let stored = job.payload
        guard let environmentID = job.environmentID,
            let subject = stored["subject"]?.string.flatMap(DeletionSubject.init(rawValue:)),
            let ids = stored["ids"]?.array?.compactMap(\.string),
            let end = stored["last"]?.string.flatMap({ LogPosition(stored: $0) })
        else { return nil }
        self.init(subject: subject, ids: ids, environmentID: environmentID, end: end)
    }
}

extension UserCompanies {
    fileprivate func begin(_ deletion: Deletion) {
        let (ids, environmentID) = (deletion.ids, deletion.environmentID)
        switch deletion.subject {
        case .users: delete(users: ids, environmentID: environmentID, upTo: deletion.end)
        case .companies: delete(companies: ids, environmentID: environmentID, upTo: deletion.end)
        }
    }

    fileprivate func end(_ deletion: Deletion) {
        let (ids, environmentID) = (deletion.ids, deletion.environmentID)
        switch deletion.subject {
        case .users: finish(users: ids, environmentID: environmentID, upTo: deletion.end)
        case .companies: finish(companies: ids, environmentID: environmentID, upTo: deletion.end)
        }
    }
}
