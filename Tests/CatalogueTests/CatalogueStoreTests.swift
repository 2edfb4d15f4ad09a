import ControlStore
import EventStore
import JSON
import StoreTestSupport
import Testing
import Time

@testable import Catalogue

struct CatalogueStoreTests {
    let temporary: TemporaryStore
    let catalogue: CatalogueStore

    init() async throws {
        temporary = try TemporaryStore()
        catalogue = CatalogueStore(store: temporary.store)
        var log = EventLog()
        let projection = CatalogueProjection(
            store: temporary.store, rejections: IngestionRejections(store: temporary.store))
        let events = [
            EventLog.track("ann", "buy", ["price": 1, "currency": "CHF"], at: 1_700_000_000),
            EventLog.track("ann", "sell", ["price": 1], at: 1_700_000_100),
            EventLog.identify("ann", ["plan": "pro"]), EventLog.identifyCompany("acme", ["size": 3]),
        ]
        try await log.commit(events, to: projection)
    }

    @Test func builtInPropertiesComeFirstAndHaveNegativeIds() async throws {
        let (all, totalCount) = try await catalogue.eventProperties(environmentID: 1, limit: 100)
        #expect(totalCount == 15 && all.count == 15)
        #expect(all.prefix(12).map(\.id) == (1...12).map { -Int64($0) })
        #expect(all.first { $0.key == "url" }?.id == -2)
        #expect(all.prefix(12).allSatisfy { $0.event == nil && $0.isBuiltIn })
        #expect(all[0].lastSeenAt == Timestamp(seconds: 1_700_000_100))
        let learned = all.dropFirst(12)
        #expect(
            Set(learned.map { "\($0.event?.displayName ?? "").\($0.key)" }) == [
                "Buy.price", "Buy.currency", "Sell.price",
            ])
    }

    @Test(arguments: [1, 2, 5, 12, 13, 14, 15, 50])
    func pagesCoverEverythingOnce(limit: Int) async throws {
        var seen: [Int64] = []
        var after: Int64?
        while true {
            let page = try await catalogue.eventProperties(environmentID: 1, after: after, limit: limit)
            #expect(page.properties.count <= limit && page.totalCount == 15)
            seen += page.properties.map(\.id)
            guard page.properties.count == limit, let last = page.properties.last else { break }
            after = last.id
        }
        #expect(seen.count == 15 && Set(seen).count == 15)
    }

    @Test func anEnvironmentWithoutEventsHasBuiltInPropertiesOnly() async throws {
        let (all, totalCount) = try await catalogue.eventProperties(environmentID: 2)
        #expect(totalCount == 12 && all.count == 12)
        #expect(all[0].firstSeenAt == Timestamp(seconds: 1) && all[0].lastSeenAt == Timestamp(seconds: 1))
    }

    @Test func noEnvironmentSeesAnother() async throws {
        #expect(try await catalogue.featuresAndEvents(environmentID: 2).isEmpty)
        #expect(try await catalogue.properties(of: .user, environmentID: 2).isEmpty)
        #expect(try await catalogue.properties(of: .company, environmentID: 2).isEmpty)
        let plan = try #require(try await catalogue.properties(of: .user, environmentID: 1).first)
        let changes = CatalogueChanges(displayName: "Stolen")
        #expect(try await catalogue.updateProperty(plan.id, changes, environmentID: 2) == false)
        #expect(try await catalogue.updateEvent(1, changes, environmentID: 2) == false)
        #expect(try await catalogue.properties(of: .user, environmentID: 1).first == plan)
    }

    @Test func renamesDescribesAndArchives() async throws {
        let plan = try #require(try await catalogue.properties(of: .user, environmentID: 1).first)
        #expect(
            try await catalogue.updateProperty(
                plan.id, CatalogueChanges(displayName: "Tarif", description: .some("what they pay")), environmentID: 1))
        #expect(
            try await catalogue.updateProperty(plan.id, CatalogueChanges(isArchived: true), environmentID: 1))
        var changed = try #require(try await catalogue.properties(of: .user, environmentID: 1).first)
        #expect(changed.displayName == "Tarif" && changed.description == "what they pay" && changed.isArchived)
        _ = try await catalogue.updateProperty(plan.id, CatalogueChanges(description: .some(nil)), environmentID: 1)
        changed = try #require(try await catalogue.properties(of: .user, environmentID: 1).first)
        #expect(changed.description == nil && changed.displayName == "Tarif")
        let buy = try #require(try await catalogue.featuresAndEvents(environmentID: 1).first { $0.name == "buy" })
        #expect(try await catalogue.updateEvent(buy.id, CatalogueChanges(displayName: "Kauf"), environmentID: 1))
        let properties = try await catalogue.eventProperties(environmentID: 1).properties
        #expect(properties.contains { $0.event?.displayName == "Kauf" && $0.key == "currency" })
        await #expect(throws: CatalogueError.invalidDisplayName) {
            try await catalogue.updateEvent(buy.id, CatalogueChanges(displayName: ""), environmentID: 1)
        }
    }

    @Test(arguments: [
        ("monthly_active_users", "Monthly Active Users"), ("monthlyActiveUsers", "Monthly Active Users"),
        ("plan", "Plan"), ("userID", "User ID"), ("URL", "URL"), ("a-b.c d", "A B C D"), ("___", "___"), ("", ""),
        ("größe_max", "Größe Max"), ("élan", "Élan"), ("sms2fa", "Sms2fa"), ("Order Completed", "Order Completed"),
    ])
    func makesNamesForPeople(key: String, name: String) {
        #expect(DisplayName.make(from: key) == name)
    }
}
