import ControlStore
import EventStore
import Events
import JSON
import Synchronization
import TestSupport
import Testing
import Time

@testable import Jobs

@Suite struct DeletionTests {
    private func record(_ rig: IngestionRig, _ user: String, company: String? = nil) async throws {
        let body: JSONValue = [
            "event_name": "e", "user_id": .string(user), "company_id": company.map { .string($0) } ?? .null,
        ]
        _ = try await rig.ingestion.record(
            .track, try JSONDocument(parsing: body.encoded()).root, in: IngestionRig.stream, surface: .userpilot,
            idempotencyKey: nil)
    }

    private func handler(
        _ rig: IngestionRig, visitors: [String] = [],
        profiles: @escaping FakeKeeper.Profiles = { _, _, _, _ in true }
    ) -> DeletionJobHandler {
        let keeper = FakeKeeper(visitors: visitors, profiles: profiles)
        return DeletionJobHandler(
            store: rig.store, feed: rig.feed, companies: UserCompanies(),
            setAside: SetAsideStore(store: rig.control, clock: IngestionRig.clock),
            rejections: rig.rejections, erasure: rig.erasure,
            others: SubjectKeepers(
                visitors: keeper, copies: keeper, profiles: keeper, messages: keeper, figures: keeper))
    }

    @Test(arguments: [DeletionSubject.users, .companies])
    func whatAUserDidAsVisitorsGoesToo(subject: DeletionSubject) async throws {
        try await IngestionRig().use { rig in
            let before = IngestionRig.now.adding(seconds: -5)
            var identifiers = EventIdentifierSequence(after: nil)
            let seen = ["a", "anonymous-1", "b"].map { visitor in
                ExperimentEvent(
                    id: identifiers.next(at: before), environmentID: 1, projectID: 1, kind: .viewExperience,
                    occurredAt: before, receivedAt: before, visitorID: visitor, assignments: [])
            }
            try await rig.store.append(seen)
            // No product event was ever sent.
            try await DeletionService(
                jobs: rig.jobs, store: rig.store, companies: UserCompanies(), clock: IngestionRig.clock
            )
            .schedule(subject, ids: ["a"], environmentID: 1)
            try await rig.runJob(DeletionService.jobKind, handler(rig, visitors: ["anonymous-1"]))
            let left = try await rig.column("SELECT visitor_id FROM lake.main.exposures ORDER BY visitor_id")
            #expect(left == (subject == .users ? ["b"] : ["a", "anonymous-1", "b"]))
        }
    }

    @Test func profilesAndEventsGoButNotWhatComesAfterwards() async throws {
        try await IngestionRig().use { rig in
            let service = DeletionService(
                jobs: rig.jobs, store: rig.store, companies: UserCompanies(), clock: IngestionRig.clock)
            let removed = Mutex<[String]>([])
            let handler = handler(rig) { subject, ids, environmentID, later in
                // The first answer is that more has come since.
                removed.withLock { removed in
                    let count = later.events(upTo: later.end).indices.count
                    removed.append("\(subject) \(ids) \(environmentID) \(count)")
                    return removed.count > 1
                }
            }
            for user in ["a", "b", "a"] { try await record(rig, user, company: "c-\(user)") }
            try await service.schedule(.users, ids: ["a", "nobody"], environmentID: 1)
            try await record(rig, "a", company: "c-a")
            try await rig.runJob(DeletionService.jobKind, handler)
            #expect(
                try await rig.column("SELECT user_id FROM lake.main.events ORDER BY event_id") == ["b", "a"])
            // One event of a came after the deletion was asked for.
            #expect(removed.withLock { $0 } == [String](repeating: #"users ["a", "nobody"] 1 1"#, count: 2))
            #expect(
                try await rig.jobs.list(kinds: [DeletionService.jobKind], environmentID: 1)[0].result?["deleted_events"]
                    == 2)
            try await service.waitUntilNoneIsPending(environmentID: 1)

            try await service.schedule(.companies, ids: ["c-a"], environmentID: 1)
            try await rig.runJob(DeletionService.jobKind, handler)
            #expect(try await rig.column("SELECT user_id FROM lake.main.events") == ["b"])
        }
    }

    @Test func thoseThatWaitAreDoneTogether() async throws {
        try await IngestionRig().use { rig in
            let service = DeletionService(
                jobs: rig.jobs, store: rig.store, companies: UserCompanies(), clock: IngestionRig.clock)
            let asked = Mutex<[[String]]>([])
            let handler = handler(rig) { _, ids, _, later in
                asked.withLock { $0.append(ids.sorted() + ["\(later.events(upTo: later.end).indices.count)"]) }
                return true
            }
            // Each up to its own place: who comes back in between stays, and of who goes twice the last one counts.
            for user in ["a", "b", "c", "d"] {
                try await record(rig, user)
                try await service.schedule(.users, ids: [user], environmentID: 1)
            }
            try await service.schedule(.companies, ids: ["x"], environmentID: 1)
            try await service.schedule(.users, ids: ["other"], environmentID: 2)
            for user in ["a", "b", "c"] { try await record(rig, user) }
            try await service.schedule(.users, ids: ["c"], environmentID: 1)
            try await record(rig, "c")
            // It dies before the note of what it did, with what it had taken over.
            try await rig.runJob(DeletionService.jobKind, handler, finishes: false)
            #expect(try await rig.jobs.unfinished(kind: DeletionService.jobKind).count == 3)
            #expect(
                try await rig.column("SELECT user_id FROM lake.main.events ORDER BY user_id") == ["a", "b", "c"])
            try await rig.restart(ofJob: "")
            for _ in 0..<3 { try await rig.runJob(DeletionService.jobKind, handler) }
            #expect(try await rig.jobs.unfinished(kind: DeletionService.jobKind).isEmpty)
            let all = ["a", "b", "c", "d", "3"]
            #expect(asked.withLock { Set($0) } == [all, ["x", "0"], ["other", "0"]])
            #expect(asked.withLock { $0.count { $0 == all } } == 2)
            #expect(
                try await rig.column("SELECT user_id FROM lake.main.events ORDER BY user_id") == ["a", "b", "c"])
        }
    }

    /// The newest events of the log are those that went: the projection knows of later ones than the log does.
    @Test func aLogWhoseEndIsDeletedIsReadToItsOldEnd() async throws {
        try await IngestionRig().use { rig in
            try await record(rig, "a")
            let newest = try #require(try await rig.store.end())
            _ = try await rig.store.deleteEvents(environmentID: 1)
            let later = try await rig.store.events(
                of: .users, behind: [DeletedSubjects(["a"], upTo: .start)], environmentID: 1, knownTo: newest)
            #expect(later.end == newest && later.events(upTo: newest).indices.isEmpty)
        }
    }

    @Test func deletingFromAnEmptyLogIsNoError() async throws {
        try await IngestionRig().use { rig in
            try await DeletionService(
                jobs: rig.jobs, store: rig.store, companies: UserCompanies(), clock: IngestionRig.clock
            ).schedule(
                .users, ids: [], environmentID: 1)
            try await rig.runJob(DeletionService.jobKind, handler(rig))
            #expect(try await rig.jobs.list(kinds: [DeletionService.jobKind], environmentID: 1)[0].state == .completed)
        }
    }

    @Test func deletionsOfOneHourAreErasedTogether() async throws {
        try await IngestionRig().use { rig in
            let service = DeletionService(
                jobs: rig.jobs, store: rig.store, companies: UserCompanies(), clock: IngestionRig.clock)
            let handler = handler(rig)
            for user in ["a", "b"] {
                try await record(rig, user)
                try await service.schedule(.users, ids: [user], environmentID: 1)
                try await rig.runJob(DeletionService.jobKind, handler)
            }
            #expect(try await rig.jobs.claim(kind: ErasureService.jobKind, leaseSeconds: 60) == nil)
            let due = try await rig.control.read { database in
                try database.values(
                    Int64.self, sql: "SELECT run_at FROM jobs WHERE kind = ?", arguments: [ErasureService.jobKind])
            }
            // The next full hour after 15:06:40.
            #expect(due == [1_750_003_200_000_000])
        }
    }
}

extension DeletionTests {
    @Test func whoIsRemovedForGoodIsGoneBeforeTheirEventsAre() async throws {
        try await IngestionRig().use { rig in
            let deletions = DeletionService(
                jobs: rig.jobs, store: rig.store, companies: UserCompanies(), clock: IngestionRig.clock)
            let profiles = FakeProfiles(users: ["a", "b"], companies: [:])
            let removal = PeopleRemoval(
                profiles: profiles, denials: profiles, deletions: deletions, calls: CallsUnderWay(), feed: rig.feed,
                clock: IngestionRig.clock)
            for user in ["a", "b"] { try await record(rig, user) }
            #expect(try await !removal.remove(user: "nobody", hard: true, environmentID: 1))
            #expect(try await !removal.remove(user: "a", hard: true, environmentID: 2))
            #expect(try await rig.jobs.unfinished(kind: DeletionService.jobKind).isEmpty)
            #expect(try await removal.remove(user: "a", hard: true, environmentID: 1))
            #expect(profiles.users == ["b"])
            try await rig.runJob(DeletionService.jobKind, handler(rig))
            #expect(try await rig.column("SELECT user_id FROM lake.main.events") == ["b"])
        }
    }

    @Test func whoIsDeniedIsErasedWithIt() async throws {
        try await IngestionRig().use { rig in
            let deletions = DeletionService(
                jobs: rig.jobs, store: rig.store, companies: UserCompanies(), clock: IngestionRig.clock)
            let profiles = FakeProfiles(users: ["a", "b", "c"], companies: [:], store: rig.control)
            let removal = PeopleRemoval(
                profiles: profiles, denials: profiles, deletions: deletions, calls: CallsUnderWay(), feed: rig.feed,
                clock: IngestionRig.clock)
            for user in ["a", "b", "c"] { try await record(rig, user) }
            try await removal.deny(user: "a", environmentID: 1)
            try await removal.deny(user: "nobody", environmentID: 1)
            #expect(profiles.users == ["b", "c"])
            #expect(try await rig.jobs.unfinished(kind: DeletionService.jobKind).count == 1)
            // Who was denied and not erased before a crash is found.
            try await profiles.deny("b", environmentID: 1) { _ in }
            try await removal.eraseExpired()
            try await rig.runJob(DeletionService.jobKind, handler(rig))
            #expect(try await rig.column("SELECT user_id FROM lake.main.events") == ["c"])
        }
    }

    @Test func whoIsHiddenIsErasedAfterAWeek() async throws {
        try await IngestionRig().use { rig in
            let clock = HandClock()
            let deletions = DeletionService(
                jobs: rig.jobs, store: rig.store, companies: UserCompanies(), clock: clock.clock)
            let profiles = FakeProfiles(users: ["a", "b"], companies: [:])
            let removal = PeopleRemoval(
                profiles: profiles, denials: profiles, deletions: deletions, calls: CallsUnderWay(), feed: rig.feed,
                clock: clock.clock)
            for user in ["a", "b"] { try await record(rig, user) }
            #expect(try await removal.remove(user: "a", hard: false, environmentID: 1))
            #expect(try await !removal.remove(user: "a", hard: false, environmentID: 1))
            clock.advance(seconds: PeopleRemoval.days * 86_400 - 1)
            try await removal.eraseExpired()
            #expect(try await rig.jobs.unfinished(kind: DeletionService.jobKind).isEmpty)
            clock.advance(seconds: 1)
            try await removal.eraseExpired()
            try await rig.runJob(DeletionService.jobKind, handler(rig))
            #expect(try await rig.column("SELECT user_id FROM lake.main.events") == ["b"])
        }
    }

    @Test func aCompanyGoesWithEverybodyInIt() async throws {
        try await IngestionRig().use { rig in
            let deletions = DeletionService(
                jobs: rig.jobs, store: rig.store, companies: UserCompanies(), clock: IngestionRig.clock)
            let profiles = FakeProfiles(users: ["a", "b", "c"], companies: ["acme": ["a", "b"]])
            let removal = PeopleRemoval(
                profiles: profiles, denials: profiles, deletions: deletions, calls: CallsUnderWay(), feed: rig.feed,
                clock: IngestionRig.clock)
            for user in ["a", "b", "c"] { try await record(rig, user) }
            try await record(rig, "c", company: "acme")
            #expect(try await !removal.remove(company: "globex", environmentID: 1))
            #expect(try await removal.remove(company: "acme", environmentID: 1))
            #expect(try await !profiles.knows(company: "acme", environmentID: 1))
            let asked = Mutex<[String]>([])
            let handler = CompanyDeletionHandler(
                deletions: handler(rig) { subject, ids, _, _ in
                    asked.withLock { $0.append("\(subject) \(ids)") }
                    return true
                }, profiles: profiles)
            // A run that a crash cut off is made up for.
            try await rig.runJob(DeletionService.companyJobKind, handler, finishes: false)
            try await rig.restart(ofJob: "")
            try await rig.runJob(DeletionService.companyJobKind, handler)
            // Who is gone by then is not asked for again.
            let company = #"companies ["acme"]"#
            #expect(asked.withLock { $0 } == [#"users ["a", "b"]"#, company, company])
            #expect(try await rig.column("SELECT user_id FROM lake.main.events") == ["c"])
        }
    }
}

/// Profiles of environment 1.
private final class FakeProfiles: RemovableProfiles, UserDenial {
    private struct State {
        var users: Set<String>
        var denied: Set<String> = []
        var hidden: [String: Timestamp] = [:]
        var companies: Set<String>
        var noted: [String: [String]] = [:]
    }

    private let state: Mutex<State>
    private let members: [String: [String]]
    private let store: ControlStore?

    init(users: Set<String>, companies: [String: [String]], store: ControlStore? = nil) {
        self.store = store
        state = Mutex(State(users: users, companies: Set(companies.keys)))
        members = companies
    }

    var users: Set<String> { state.withLock { $0.users } }

    func hide(user userID: String, environmentID: Int64, at time: Timestamp) async throws -> Bool {
        state.withLock { state in
            guard state.users.remove(userID) != nil else { return false }
            state.hidden[userID] = time
            return true
        }
    }

    func drop(user userID: String, environmentID: Int64) async throws {
        _ = state.withLock { $0.users.remove(userID) }
    }

    func drop(company companyID: String, environmentID: Int64) async throws {
        _ = state.withLock { $0.companies.remove(companyID) }
    }

    func knows(user userID: String, environmentID: Int64) async throws -> Bool {
        environmentID == 1 && state.withLock { $0.users.contains(userID) || $0.hidden[userID] != nil }
    }

    func knows(company companyID: String, environmentID: Int64) async throws -> Bool {
        environmentID == 1 && state.withLock { $0.companies.contains(companyID) }
    }

    func hiddenUsers(
        until time: Timestamp, after id: Int64, limit: Int
    ) async throws -> [(id: Int64, environmentID: Int64, userID: String)] {
        let hidden = state.withLock { $0.hidden.filter { $0.value <= time }.keys.sorted() }
        return hidden.enumerated().map { (Int64($0.offset + 1), 1, $0.element) }.filter { $0.0 > id }
    }

    func deniedUsers(limit: Int) async throws -> [(environmentID: Int64, userID: String)] {
        state.withLock { state in state.denied.intersection(state.users).map { (1, $0) } }
    }

    /// Denies nobody whose erasure cannot be stored.
    func deny(_ userID: String, environmentID: Int64, _ body: @Sendable (Database) throws -> Void) async throws {
        try await store?.write { try body($0) }
        state.withLock { _ = $0.denied.insert(userID) }
    }

    func noteMembers(ofCompany companyID: String, environmentID: Int64) async throws {
        state.withLock { $0.noted[companyID] = members[companyID] }
    }

    func notedMembers(ofCompany companyID: String, environmentID: Int64, limit: Int) async throws -> [String] {
        state.withLock { $0.noted[companyID] ?? [] }
    }

    func forgetNoted(_ userIDs: [String], ofCompany companyID: String, environmentID: Int64) async throws {
        state.withLock { $0.noted[companyID]?.removeAll(where: userIDs.contains) }
    }
}

/// Keeps nothing; whoever is deleted was these visitors.
private final class FakeKeeper: VisitorKeeper, LogCopies, ProfileKeeper, MessageKeeper, FigureKeeper {
    typealias Profiles =
        @Sendable (DeletionSubject, [String], _ environmentID: Int64, _ later: SubjectEvents) async throws -> Bool

    let visitors: [String]
    let profiles: Profiles

    init(visitors: [String], profiles: @escaping Profiles) {
        self.visitors = visitors
        self.profiles = profiles
    }

    func settled(of users: [(ids: [String], end: Timestamp)], environmentID: Int64) async throws -> [[String]] {
        users.map { $0.ids.isEmpty ? [] : visitors }
    }

    func remove(of users: [(ids: [String], end: Timestamp)], environmentID: Int64) async throws {}

    func reconcile(environmentID: Int64) async throws {}

    func remove(users: [DeletedSubjects], environmentID: Int64) async throws {}

    func remove(users userIDs: [String], environmentID: Int64, keeping later: SubjectEvents) async throws -> Bool {
        true
    }

    func remove(companies: [DeletedSubjects], environmentID: Int64) async throws {}

    func count(_ subject: DeletionSubject, ids: [String], environmentID: Int64) async throws -> Int { ids.count }

    func delete(
        _ subject: DeletionSubject, ids: [String], environmentID: Int64, keeping later: SubjectEvents
    ) async throws -> Bool {
        try await profiles(subject, ids, environmentID, later)
    }
}
