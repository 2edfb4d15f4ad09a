import Synchronization
import TestSupport
import Testing
import Text
import Time

@testable import EventStore

@Suite struct UserCompaniesTests {
    private let hand = HandClock()
    private let profiles = Profiles()
    private let companies: UserCompanies

    init() {
        companies = UserCompanies(known: profiles)
    }

    /// What profiles say, by user; counts how many were asked for.
    private final class Profiles: KnownCompanies {
        let companies = Mutex<[ClientText: String]>([:])
        let asked = Mutex(0)

        func companies(of users: [EventUser]) -> [String?] {
            asked.withLock { $0 += users.count }
            return companies.withLock { companies in
                users.map { companies[ClientText("\($0.environmentID) \($0.userID)")] }
            }
        }

        func set(_ company: String?, of user: String, environmentID: Int64 = 1) {
            companies.withLock { $0[ClientText("\(environmentID) \(user)")] = company }
        }
    }

    private func company(of user: String, environmentID: Int64 = 1) throws -> String? {
        var filling = CompanyFilling(companies)
        let batch = batch([.track(user, environmentID: environmentID)])
        try filling.begin([batch], projected: nil)
        return filling.company(for: batch[0], as: event(0))
    }

    private func event(_ number: UInt128) -> EventIdentifier { EventIdentifier(value: number) }

    private enum Step {
        case identify(String, company: String?, environmentID: Int64 = 1)
        case track(String?, company: String? = nil, environmentID: Int64 = 1, id: String? = nil)
        case company(String)
    }

    private func batch(_ steps: [Step], namesCompanies: Bool = true) -> EventBatch {
        var builder = EventBatchBuilder(receivedAt: hand.now, namesCompanies: namesCompanies)
        for step in steps {
            let (type, user, company, environmentID, id): (EventType, String?, String?, Int64, String?) =
                switch step {
                case .identify(let user, let company, let environmentID):
                    (.identifyUser, user, company, environmentID, nil)
                case .track(let user, let company, let environmentID, let id):
                    (.track, user, company, environmentID, id)
                case .company(let id): (.identifyCompany, nil, id, 1, nil)
                }
            let stream = EventStream(environmentID: environmentID, projectID: 1, appToken: "NX")
            builder.begin(type, in: stream, source: .backendHTTP, surface: .sextant, occurredAt: hand.now)
            if let user { builder.set(.userID, to: user) }
            if let company { builder.set(.companyID, to: company) }
            if let id { builder.set(.clientEventID, to: id) }
            builder.finish(in: stream)
        }
        return builder.build()
    }

    private func stored(_ log: Log) async throws -> [String?] {
        try await log.column("SELECT coalesce(company_id, '-') FROM lake.main.events ORDER BY event_id")
    }

    private func writing(_ batches: [EventBatch]) async throws -> [String?] {
        let log = try Log()
        let writer = try EventWriter(
            store: log.store, feed: ProjectionFeed(projections: [], logger: Log.logger), companies: companies,
            clock: hand.clock, logger: Log.logger)
        for batch in batches { _ = try await writer.write(batch, priority: .live) }
        await writer.stop()
        return try await stored(log)
    }

    @Test func whatAUserDoesIsStoredWithTheirCompany() async throws {
        let rows = try await writing([
            batch([.track("ann"), .identify("ann", company: "acme"), .track("ann"), .track("bob"), .track(nil)]),
            batch([.track("ann"), .identify("ann", company: nil), .track("ann", company: "other"), .track("ann")]),
            batch([.identify("ann", company: "bloom"), .track("ann")]),
            batch([.track("ann", environmentID: 2), .company("acme")]),
            batch([.identify("ann", company: ""), .track("ann")]),
            batch([.track("ann")]),
        ])
        #expect(
            rows == [
                "-", "acme", "acme", "-", "-", "acme", "acme", "other", "acme", "bloom", "bloom", "-", "acme", "", "-",
                "-",
            ])
    }

    @Test func whatHappenedLongAgoIsStoredAsItIs() async throws {
        let rows = try await writing([
            batch([.identify("ann", company: "acme")]), batch([.track("ann")], namesCompanies: false),
            batch([.identify("ann", company: "bloom")], namesCompanies: false), batch([.track("ann")]),
        ])
        #expect(rows == ["acme", "-", "bloom", "bloom"])
    }

    @Test func duplicatesMoveNobody() async throws {
        profiles.set("acme", of: "ann")
        let rows = try await writing([batch([.track("ann", id: "1")]), batch([.track("ann", id: "1"), .track("ann")])])
        #expect(rows == ["acme", "acme"])
    }

    @Test func profilesAreAskedOnceAndForThoseWhoAreStored() async throws {
        profiles.set("acme", of: "ann")
        let rows = try await writing([
            batch([.track("ann"), .track("ann"), .track("bob")]),
            batch([.track("ann"), .track("bob"), .track("cid", company: "own"), .track(nil), .company("acme")]),
            batch([.track("dan")], namesCompanies: false),
        ])
        #expect(rows == ["acme", "acme", "-", "acme", "-", "own", "-", "acme", "-"])
        #expect(profiles.asked.withLock { $0 } == 2)
    }

    @Test func whatAnEventSaysStandsUntilTheProfileShowsIt() throws {
        profiles.set("old", of: "ann")
        #expect(try company(of: "ann") == "old")
        companies.put("ann", environmentID: 1, into: "new", by: event(7))
        #expect(try company(of: "ann") == "new")
        companies.forget(upTo: LogPosition(after: event(6)))
        #expect(try company(of: "ann") == "new")
        companies.put("ann", environmentID: 1, into: "newer", by: event(8))
        companies.forget(upTo: LogPosition(after: event(7)))
        #expect(try company(of: "ann") == "newer")
        profiles.set("newer still", of: "ann")
        companies.forget(upTo: LogPosition(after: event(8)))
        #expect(try company(of: "ann") == "newer still")
        #expect(companies.waitingCount == 0)
        // Something else than an event.
        profiles.set(nil, of: "ann")
        #expect(try company(of: "ann") == "newer still")
        companies.reread()
        #expect(try company(of: "ann") == nil)
    }

    @Test func usersAreToldApartByTheirBytes() throws {
        profiles.set("acme", of: "é")
        companies.put("Å", environmentID: 1, into: "bloom", by: event(1))
        #expect(try company(of: "e\u{301}") == nil)
        #expect(try company(of: "é") == "acme")
        #expect(try company(of: "A\u{30A}") == nil)
        #expect(try company(of: "Å", environmentID: 2) == nil)
    }

    @Test func whoIsDeletedIsInNone() throws {
        for user in ["ann", "bob"] { profiles.set("acme", of: user) }
        companies.put("cid", environmentID: 1, into: "acme", by: event(3))
        companies.put("dan", environmentID: 1, into: "acme", by: event(9))
        companies.delete(users: ["ann", "cid", "dan"], environmentID: 1, upTo: LogPosition(after: event(5)))
        // The last has come back before the deletion was noted.
        #expect(try ["ann", "bob", "cid", "dan"].map { try company(of: $0) } == [nil, "acme", nil, "acme"])
        companies.put("cid", environmentID: 1, into: "bloom", by: event(10))
        companies.forget(upTo: LogPosition(after: event(10)))
        profiles.set("bloom", of: "cid")
        profiles.set("acme", of: "dan")
        #expect(try ["ann", "cid", "dan"].map { try company(of: $0) } == [nil, "bloom", "acme"])
        companies.delete(users: ["ann"], environmentID: 1, upTo: LogPosition(after: event(12)))
        companies.finish(users: ["ann"], environmentID: 1, upTo: LogPosition(after: event(5)))
        #expect(try company(of: "ann") == nil, "another deletion is under way")
        companies.finish(users: ["ann"], environmentID: 1, upTo: LogPosition(after: event(12)))
        #expect(try company(of: "ann") == "acme", "the profile has it again")
    }

    @Test func nobodyIsInADeletedCompanyButWhoJoinsLater() throws {
        for user in ["ann", "bob", "cid"] { profiles.set("acme", of: user) }
        profiles.set("acme", of: "ann", environmentID: 2)
        companies.put("bob", environmentID: 1, into: "acme", by: event(3))
        #expect(try company(of: "ann") == "acme")
        companies.delete(companies: ["acme", "none"], environmentID: 1, upTo: LogPosition(after: event(5)))
        companies.put("dan", environmentID: 1, into: "acme", by: event(6))
        func all() throws -> [String?] { try ["ann", "bob", "cid", "dan"].map { try company(of: $0) } }
        #expect(try all() == [nil, nil, nil, "acme"])
        #expect(try company(of: "ann", environmentID: 2) == "acme")
        profiles.set("acme", of: "dan")
        companies.forget(upTo: LogPosition(after: event(6)))
        #expect(try all() == [nil, nil, nil, "acme"])
        // The job has changed the profiles.
        for user in ["ann", "bob", "cid"] { profiles.set(nil, of: user) }
        companies.finish(companies: ["acme", "none"], environmentID: 1, upTo: LogPosition(after: event(5)))
        #expect(try all() == [nil, nil, nil, "acme"])
        #expect(companies.waitingCount == 0)
    }

    @Test func memoryIsBounded() throws {
        for round in 0..<3 {
            for start in stride(from: 0, to: 150_000, by: 30_000) {
                let users = (start..<start + 30_000).map { Step.track("\(round) \($0)") }
                var filling = CompanyFilling(companies)
                try filling.begin([batch(users)], projected: nil)
                #expect(companies.cachedCount <= 200_000)
            }
        }
    }

    @Test func theProjectionsSeeTheSame() throws {
        let log = try Log()
        let committer = try EventCommitter(
            store: log.store, companies: companies, clock: hand.clock, rememberedEventIDs: 100, logger: Log.logger)
        profiles.set("acme", of: "ann")
        let commit = try committer.commit([batch([.track("ann"), .track("bob"), .track("ann", company: "other")])])
        let stored = try #require(commit.stored.first)
        #expect(stored.indices.map { stored.batch[$0][.companyID] } == ["acme", nil, "other"])
        #expect(stored.indices.map { stored.batch[$0][.userID] } == ["ann", "bob", "ann"])
        committer.end()
    }
}
