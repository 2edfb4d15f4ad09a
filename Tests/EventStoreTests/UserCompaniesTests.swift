import TestSupport
import Testing
import Time

@testable import EventStore

@Suite struct UserCompaniesTests {
    private let hand = HandClock()
    private let companies = UserCompanies()

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
        ])
        #expect(rows == ["acme", "-"])
    }

    @Test func duplicatesMoveNobody() async throws {
        companies.put("ann", environmentID: 1, into: "acme")
        let rows = try await writing([batch([.track("ann", id: "1")]), batch([.track("ann", id: "1"), .track("ann")])])
        #expect(rows == ["acme", "acme"])
    }

    @Test func whoIsForgottenIsInNone() {
        for (user, company) in [("ann", "acme"), ("bob", "acme"), ("cid", "bloom"), ("é", "acme")] {
            companies.put(user, environmentID: 1, into: company)
        }
        companies.put("ann", environmentID: 2, into: "acme")
        #expect(companies.company(of: "e\u{301}", environmentID: 1) == nil)
        companies.forget(users: ["bob"], environmentID: 1)
        #expect(companies.company(of: "bob", environmentID: 1) == nil)
        companies.forget(companies: ["acme", "none"], environmentID: 1)
        #expect(companies.company(of: "ann", environmentID: 1) == nil)
        #expect(companies.company(of: "cid", environmentID: 1) == "bloom")
        #expect(companies.company(of: "ann", environmentID: 2) == "acme")
        // One of the same name is another company.
        companies.put("dan", environmentID: 1, into: "acme")
        #expect(companies.company(of: "dan", environmentID: 1) == "acme")
        #expect(companies.company(of: "ann", environmentID: 1) == nil)
    }

    @Test func theProjectionsSeeTheSame() throws {
        let log = try Log()
        let committer = try EventCommitter(
            store: log.store, companies: companies, clock: hand.clock, rememberedEventIDs: 100, logger: Log.logger)
        companies.put("ann", environmentID: 1, into: "acme")
        let commit = try committer.commit([batch([.track("ann"), .track("bob"), .track("ann", company: "other")])])
        let stored = try #require(commit.stored.first)
        #expect(stored.indices.map { stored.batch[$0][.companyID] } == ["acme", nil, "other"])
        #expect(stored.indices.map { stored.batch[$0][.userID] } == ["ann", "bob", "ann"])
        committer.end()
    }
}
