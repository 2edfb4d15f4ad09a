public import EventStore
import JSON
public import Jobs
public import Time

/// Removes people and companies for good: profile and events. Done by a job, answered at once.
public struct DeletionService: Sendable {
    public static let jobKind = "deletion"

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

    /// Queues the removal of everything committed so far about these ids.
    public func schedule(_ subject: DeletionSubject, ids: [String], environmentID: Int64) async throws {
        // Experiment events may be newer than the last product event.
        let now = LogPosition(at: clock.now)
        let deletion = Deletion(subject: subject, ids: ids, end: max(try await store.end() ?? now, now))
        // What comes from now on is stored as if they were new.
        companies.begin(deletion, environmentID: environmentID)
        do {
            try await jobs.enqueue(
                NewJob(kind: Self.jobKind, environmentID: environmentID, payload: deletion.payload))
        } catch {
            companies.end(deletion, environmentID: environmentID)
            throw error
        }
    }

    /// Takes up what the last process left: until their jobs are done, nobody is in a company because of what is to go.
    public static func resume(_ jobs: JobStore, companies: UserCompanies) async throws {
        for job in try await jobs.unfinished(kind: jobKind) {
            guard let environmentID = job.environmentID, let deletion = Deletion(job.payload) else { continue }
            companies.begin(deletion, environmentID: environmentID)
        }
    }

    /// Returns once no deletion of the environment is under way, so that what reads afterwards sees none of it.
    public func waitUntilNoneIsPending(environmentID: Int64) async throws {
        while true {
            let pending = try await jobs.list(
                kinds: [Self.jobKind], environmentID: environmentID, states: [.queued, .running], limit: 1)
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
    private let erasure: ErasureService
    private let removers: Removers

    /// What removes the rest, in whatever rooms it is kept.
    public struct Removers: Sendable {
        /// Removes profiles, and makes anew what later events say of them; false when the log has gone on since the
        /// events were read, to be tried again with newer ones.
        public typealias Profiles =
            @Sendable (
                DeletionSubject, [String], _ environmentID: Int64, _ later: SubjectEvents
            ) async throws -> Bool

        let visitors: @Sendable (_ userIDs: [String], _ environmentID: Int64, _ end: Timestamp) async throws -> [String]
        let copies: @Sendable (_ environmentID: Int64) async throws -> Void
        let visitorData: @Sendable (_ userIDs: [String], _ environmentID: Int64, _ end: Timestamp) async throws -> Void
        let profiles: Profiles
        let setAside: SetAside

        /// Removes what is set aside and tells of users, visitors or companies, up to a time.
        public typealias SetAside =
            @Sendable (DeletionSubject, [String], _ environmentID: Int64, _ end: Timestamp) async throws -> Void

        /// - Parameters:
        ///   - visitors: which visitors of experiments some users are, besides those of their own ids; what waits to
        ///     become an experiment event of theirs, up to a time, is gone or has become one when it answers.
        ///   - copies: removes what is no longer in the log from copies of it.
        ///   - visitorData: removes what was known of users as visitors, up to a time.
        ///   - setAside: removes what could not be digested of them.
        public init(
            visitors:
                @escaping @Sendable (
                    _ userIDs: [String], _ environmentID: Int64, _ end: Timestamp
                ) async throws -> [String],
            copies: @escaping @Sendable (_ environmentID: Int64) async throws -> Void = { _ in },
            visitorData:
                @escaping @Sendable (
                    _ userIDs: [String], _ environmentID: Int64, _ end: Timestamp
                ) async throws -> Void,
            profiles: @escaping Profiles,
            setAside: @escaping SetAside = { _, _, _, _ in }
        ) {
            self.setAside = setAside
            self.visitors = visitors
            self.copies = copies
            self.visitorData = visitorData
            self.profiles = profiles
        }
    }

    /// - Parameter companies: that users are in.
    public init(
        store: EventStore, feed: ProjectionFeed, companies: UserCompanies, erasure: ErasureService, removers: Removers
    ) {
        self.store = store
        self.feed = feed
        self.companies = companies
        self.erasure = erasure
        self.removers = removers
    }

    public func run(_ context: JobContext) async throws {
        guard let deletion = Deletion(context.job.payload), let environmentID = context.job.environmentID else {
            throw PermanentJobFailure.damagedDescription
        }
        let (subject, ids, end) = (deletion.subject, deletion.ids, deletion.end)
        // Events not yet projected would bring a profile back after it was removed.
        try await feed.catchUp()
        let users = subject == .users ? ids : []
        let visitors = users + (try await removers.visitors(users, environmentID, end.time))
        let count = try await store.deleteEvents(
            of: subject, ids: ids, visitors: visitors, environmentID: environmentID, upTo: end)
        try await removers.copies(environmentID)
        try await removers.setAside(subject, subject == .users ? visitors : ids, environmentID, end.time)
        // Last, as it says who the visitors are.
        try await removers.visitorData(users, environmentID, end.time)
        // Whoever came back after the deletion was asked for stays, with what was said since.
        while true {
            try Task.checkCancellation()
            // Asked before the log is: what is committed by then is found there.
            let known = try await feed.furthestPosition()
            let later = try await store.events(
                of: subject, ids: ids, environmentID: environmentID, after: end, knownTo: known)
            if try await removers.profiles(subject, ids, environmentID, later) { break }
        }
        companies.end(deletion, environmentID: environmentID)
        try await erasure.schedule()
        context.setResult(["deleted_events": .integer(Int64(count))])
    }
}

/// Whom a deletion is about, and up to where in the log.
private struct Deletion {
    let subject: DeletionSubject
    let ids: [String]
    let end: LogPosition

    init(subject: DeletionSubject, ids: [String], end: LogPosition) {
        self.subject = subject
        self.ids = ids
        self.end = end
    }

    /// Nil for what is no payload of a deletion.
    init?(_ payload: JSONValue) {
        guard let subject = payload["subject"]?.string.flatMap(DeletionSubject.init(rawValue:)),
            let ids = payload["ids"]?.array?.compactMap(\.string),
            let end = payload["last"]?.string.flatMap({ LogPosition(stored: $0) })
        else { return nil }
        self.init(subject: subject, ids: ids, end: end)
    }

    var payload: JSONValue {
        [
            "subject": .string(subject.rawValue), "ids": .array(ids.map { .string($0) }),
            "last": .string(end.stored),
        ]
    }
}

extension UserCompanies {
    fileprivate func begin(_ deletion: Deletion, environmentID: Int64) {
        switch deletion.subject {
        case .users: delete(users: deletion.ids, environmentID: environmentID, upTo: deletion.end)
        case .companies: delete(companies: deletion.ids, environmentID: environmentID, upTo: deletion.end)
        }
    }

    fileprivate func end(_ deletion: Deletion, environmentID: Int64) {
        switch deletion.subject {
        case .users: finish(users: deletion.ids, environmentID: environmentID, upTo: deletion.end)
        case .companies: finish(companies: deletion.ids, environmentID: environmentID, upTo: deletion.end)
        }
    }
}
