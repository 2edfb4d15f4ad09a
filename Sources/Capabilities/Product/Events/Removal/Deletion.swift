package import ControlStore
public import EventStore
public import JSON
public import Jobs
import Text
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

    /// Deletions of one account that may wait: those of one environment are done together.
    static let mostWaiting = 10_000
    /// The same before one that names many.
    static let mostWaitingBeforeMany = 1_000
    private static let many = 100

    /// Queues the removal of everything committed so far about these ids.
    /// - Parameter keyID: of the key that asks for it; nil where none does.
    /// - Returns: what can be followed.
    @discardableResult
    public func schedule(
        _ subject: DeletionSubject, ids: [String], environmentID: Int64, keyID: Int64? = nil
    ) async throws -> DeletionReceipt {
        let job = try await schedule(Self.jobKind, subject, ids, environmentID, keyID: keyID) {
            try await jobs.enqueue($0)
        }
        guard let receipt = DeletionReceipt(job) else { throw PermanentJobFailure.damagedDescription }
        return receipt
    }

    /// The same for a company, and everybody who is in it.
    func schedule(companyWithUsers id: String, environmentID: Int64) async throws {
        _ = try await schedule(Self.companyJobKind, .companies, [id], environmentID) { try await jobs.enqueue($0) }
    }

    /// The same in a transaction of the caller's.
    /// - Parameter transaction: runs what it is given in it.
    func schedule(
        _ subject: DeletionSubject, ids: [String], environmentID: Int64,
        in transaction: (@escaping @Sendable (Database) throws -> Void) async throws -> Void
    ) async throws {
        try await schedule(Self.jobKind, subject, ids, environmentID) { job in
            try await transaction { [jobs] in try jobs.enqueue(job, in: $0) }
            jobs.wake()
        }
    }

    private func schedule<Queued>(
        _ kind: String, _ subject: DeletionSubject, _ ids: [String], _ environmentID: Int64, keyID: Int64? = nil,
        _ enqueue: (NewJob) async throws -> Queued
    ) async throws -> Queued {
        // Experiment events may be newer than the last product event.
        let now = LogPosition(at: clock.now)
        let gone = DeletedSubjects(ids, upTo: max(try await store.end() ?? now, now))
        let deletion = Deletion(
            subject: subject, gone: [gone], environmentID: environmentID,
            origin: .init(keyID: keyID, idCount: gone.ids.count))
        // What comes from now on is stored as if they were new.
        companies.begin(deletion)
        do {
            return try await enqueue(
                NewJob(
                    kind: kind, environmentID: environmentID, payload: deletion,
                    mostWaiting: ids.count > Self.many ? Self.mostWaitingBeforeMany : Self.mostWaiting))
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

    /// A deletion of an environment, also one that is done together with others; nil when there is none.
    public func find(_ id: String, environmentID: Int64) async throws -> DeletionReceipt? {
        if let job = try await jobs.find(id, environmentID: environmentID) { return DeletionReceipt(job) }
        return try await jobs.standIn(for: id, environmentID: environmentID).flatMap { DeletionReceipt($0) }
    }

    /// The last thousand deletions of an environment that keys asked for, newest first.
    public func list(environmentID: Int64) async throws -> [DeletionReceipt] {
        let own = try await jobs.list(kinds: [Self.jobKind], environmentID: environmentID)
            .compactMap { DeletionReceipt($0) }
        let taken = try await jobs.taken(kind: Self.jobKind, environmentID: environmentID)
            .compactMap { DeletionReceipt($0) }
        let all = (own + taken).filter { $0.keyID != nil }
        return Array(all.sorted { $0.submittedAt > $1.submittedAt }.prefix(1_000))
    }

    /// Receipts are kept for a year.
    public static let retention = JobRetention(seconds: DeletionReceipt.keptSeconds)

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
    private let rejections: IngestionRejections
    private let erasure: ErasureService
    private let others: SubjectKeepers
    private let removals: Turns

    /// - Parameters:
    ///   - companies: that users are in.
    ///   - others: the rooms that keep the rest.
    ///   - removals: whoever makes something of events in the log has such a turn, so that nothing is made of one that goes.
    package init(
        store: EventStore, feed: ProjectionFeed, companies: UserCompanies, setAside: SetAsideStore,
        rejections: IngestionRejections, erasure: ErasureService, others: SubjectKeepers,
        removals: Turns = Turns(atOnce: 1)
    ) {
        self.removals = removals
        self.store = store
        self.feed = feed
        self.companies = companies
        self.setAside = setAside
        self.rejections = rejections
        self.erasure = erasure
        self.others = others
    }

    public func run(_ asked: Deletion, _ context: JobContext) async throws {
        let deletion = try await Self.takeOver(asked, context)
        var counts = DeletedCounts(context)
        try await remove(deletion) { found in
            counts.add(found)
            try await context.updateProgress(counts.json)
        }
        context.setResult(deletion.receipt(counts))
    }

    /// Ids that one job removes.
    private static let idsAtOnce = 10_000

    /// The deletion with those of its environment and kind that wait: all of them take as long as one.
    static func takeOver(_ asked: Deletion, _ context: JobContext) async throws -> Deletion {
        let subject = asked.subject
        return try await context.takeOver(
            asked, where: { $0.subject == subject }, weight: { $0.idCount }, upTo: idsAtOnce,
            join: { Deletion(joining: $0) }, keep: { $0.origin.json })
    }

    /// - Parameter note: told of how much is gone, as it goes. A crash right before loses that from the count.
    func remove(_ deletion: Deletion, note: (DeletedCounts) async throws -> Void) async throws {
        await removals.begin()
        defer { removals.end() }
        let (subject, gone) = (deletion.subject, deletion.gone)
        let environmentID = deletion.environmentID
        // Events not yet projected would bring a profile back after it was removed.
        try await feed.catchUp()
        let users = subject == .users ? gone.map { (ids: $0.ids, end: $0.end.time) } : []
        let joined = users.isEmpty ? [] : try await others.visitors.settled(of: users, environmentID: environmentID)
        let visitors = zip(gone, joined).map { DeletedSubjects($0.ids + $1, upTo: $0.end) }
        let count = try await store.deleteEvents(of: subject, gone, visitors: visitors, environmentID: environmentID)
        try await note(DeletedCounts(events: Int64(count)))
        try await others.copies.reconcile(environmentID: environmentID)
        try await removeSetAside(subject, subject == .users ? visitors : gone, environmentID)
        try await rejections.removeText(
            mentioning: (subject == .users ? visitors : gone).flatMap(\.ids), environmentID: environmentID)
        switch subject {
        case .users: try await others.messages.remove(users: gone, environmentID: environmentID)
        case .companies: try await others.messages.remove(companies: gone, environmentID: environmentID)
        }
        // Last, as it says who the visitors are.
        if !users.isEmpty { try await others.visitors.remove(of: users, environmentID: environmentID) }
        let profiles = try await others.profiles.count(subject, ids: deletion.ids, environmentID: environmentID)
        try await removeProfiles(deletion)
        try await note(DeletedCounts(profiles: Int64(profiles)))
        companies.end(deletion)
        try await erasure.schedule()
    }

    private func removeSetAside(
        _ subject: DeletionSubject, _ gone: [DeletedSubjects], _ environmentID: Int64
    ) async throws {
        let gone = gone.map { (ids: $0.ids, end: $0.end.time) }
        switch subject {
        case .users: try await setAside.delete(users: gone, environmentID: environmentID)
        case .companies: try await setAside.delete(companies: gone, environmentID: environmentID)
        }
    }

    /// Whoever came back after the deletion was asked for stays, with what was said and done since.
    private func removeProfiles(_ deletion: Deletion) async throws {
        var isCounted = deletion.subject == .companies
        while true {
            try Task.checkCancellation()
            // Asked before the log is: what is committed by then is found there.
            let known = try await feed.furthestPosition()
            let later = try await store.events(
                of: deletion.subject, behind: deletion.gone, environmentID: deletion.environmentID, knownTo: known)
            if !isCounted {
                isCounted = try await others.figures.remove(
                    users: deletion.ids, environmentID: deletion.environmentID, keeping: later)
            }
            let isDone = try await others.profiles.delete(
                deletion.subject, ids: deletion.ids, environmentID: deletion.environmentID, keeping: later)
            if isDone, isCounted { return }
        }
    }
}

/// Whom a deletion is about, and up to where in the log.
public struct Deletion: JobPayload {
    let subject: DeletionSubject
    /// Each id once.
    let gone: [DeletedSubjects]
    let environmentID: Int64
    /// What is told of it once the ids are forgotten.
    var origin = DeletionOrigin()
    /// How many were asked for that are done together.
    var requests: Int64 = 1

    var ids: [String] { gone.flatMap(\.ids) }
    var idCount: Int { gone.reduce(0) { $0 + $1.ids.count } }

    /// The environment is the job's own.
    public var json: JSONValue {
        func json(_ gone: DeletedSubjects) -> [(String, JSONValue)] {
            [("ids", .array(gone.ids.map { .string($0) })), ("last", .string(gone.end.stored))]
        }
        let members = gone.count == 1 ? json(gone[0]) : [("gone", .array(gone.map { .object(JSONObject(json($0))) }))]
        return .object(
            JSONObject(
                [("subject", .string(subject.rawValue)), ("origin", origin.json), ("requests", .integer(requests))]
                    + members))
    }
}

extension Deletion {
    public init?(_ job: Job) {
        let stored = job.payload
        guard let environmentID = job.environmentID,
            let subject = stored["subject"]?.string.flatMap(DeletionSubject.init(rawValue:))
        else { return nil }
        var gone: [DeletedSubjects] = []
        for part in stored["gone"]?.array ?? [stored] {
            guard let ids = part["ids"]?.array?.compactMap(\.string),
                let end = part["last"]?.string.flatMap({ LogPosition(stored: $0) })
            else { return nil }
            gone.append(DeletedSubjects(ids, upTo: end))
        }
        self.init(
            subject: subject, gone: gone, environmentID: environmentID,
            origin: DeletionOrigin(stored["origin"], otherwise: gone.reduce(0) { $0 + $1.ids.count }),
            requests: stored["requests"]?.int64 ?? 1)
    }

    /// All of them in one; of an id that several name, what the last one means goes. Nil for none.
    init?(joining all: [Deletion]) {
        guard let first = all.first else { return nil }
        var named: Set<ClientText> = []
        var gone: [DeletedSubjects] = []
        for part in all.flatMap(\.gone).sorted(by: { $0.end > $1.end }) {
            let ids = part.ids.filter { named.insert(ClientText($0)).inserted }
            if !ids.isEmpty { gone.append(DeletedSubjects(ids, upTo: part.end)) }
        }
        self.init(
            subject: first.subject, gone: gone.isEmpty ? Array(first.gone.prefix(1)) : gone,
            environmentID: first.environmentID, origin: first.origin,
            requests: all.reduce(0) { $0 &+ $1.requests })
    }
}

extension UserCompanies {
    fileprivate func begin(_ deletion: Deletion) {
        for gone in deletion.gone {
            switch deletion.subject {
            case .users: delete(users: gone.ids, environmentID: deletion.environmentID, upTo: gone.end)
            case .companies: delete(companies: gone.ids, environmentID: deletion.environmentID, upTo: gone.end)
            }
        }
    }

    fileprivate func end(_ deletion: Deletion) {
        for gone in deletion.gone {
            switch deletion.subject {
            case .users: finish(users: gone.ids, environmentID: deletion.environmentID, upTo: gone.end)
            case .companies: finish(companies: gone.ids, environmentID: deletion.environmentID, upTo: gone.end)
            }
        }
    }
}
