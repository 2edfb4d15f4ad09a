import ControlStore
import EventStore
import JSON
import Logging
import ServingDocument
import StoreTestSupport
import Synchronization
import TestSupport
import Testing
import Time

@testable import Serving

@Suite struct TestedCountTests {
    /// What accounts may test, as a test says.
    private final class Quotas: TestedQuotas {
        let limits: [Int64: [TestedQuota.Limit]]
        let cycle = Mutex(Timestamp(seconds: 1_000))
        let told = Mutex<[[Int64]]>([])

        init(_ limits: [Int64: [TestedQuota.Limit]]) { self.limits = limits }

        func quota(of accountID: Int64, at now: Timestamp, in database: Database) -> TestedQuota {
            TestedQuota(cycleStart: cycle.withLock { $0 }, limits: limits[accountID] ?? [])
        }

        func usedUp(by accounts: [Int64], in database: Database) { told.withLock { $0.append(accounts) } }
    }

    private let temporary: TemporaryStore
    private let events: EventStore
    private let hand = HandClock()

    init() throws {
        temporary = try TemporaryStore()
        events = try EventStore(
            path: temporary.folder.file("events.duckdb"), settings: EventStore.Settings(), logger: Logger(label: "test")
        )
        try temporary.store.blockingWrite { database in
            try database.run(
                script: """
                    INSERT INTO projects (id, account_id, name, type, created_at) VALUES (2, 1, 'q', 'fullstack', 0);
                    """)
        }
    }

    private static func project(_ account: Int64 = 1, id: Int64 = 1, type: String = "web") -> TrackedProject {
        TrackedProject(
            ServedProject(
                accountID: account, project: ["id": .integer(id), "project_type": .string(type)],
                experiences: [
                    ["id": 10, "status": "active", "goals": [], "variations": [["id": 100, "status": "running"]]],
                    ["id": 11, "status": "active", "goals": [], "variations": [["id": 110, "status": "running"]]],
                    [
                        "id": 12, "status": "active", "type": "deploy", "goals": [],
                        "variations": [["id": 120, "status": "running"]],
                    ],
                ]))
    }

    private func batch(_ visitors: [String], _ experience: Int64 = 10, at time: Timestamp? = nil) -> TrackingBatch {
        TrackingBatch(
            isEnriched: true,
            visitors: visitors.map {
                TrackingBatch.Visitor(
                    id: $0, events: [.bucketing(experienceID: experience, variationID: experience * 10)],
                    occurredAt: time)
            })
    }

    private func running<Result: Sendable>(
        _ quotas: Quotas, _ body: (Tracker) async throws -> Result
    ) async throws -> Result {
        let tracker = Tracker(
            store: temporary.store, events: events, quotas: quotas, clock: hand.clock, logger: Logger(label: "test")
        ) { _ in nil }
        let loop = Task { await tracker.run() }
        let result = try await body(tracker)
        loop.cancel()
        _ = await loop.result
        return result
    }

    private func used(_ accounts: [Int64], project: Int64? = nil, since seconds: Int64 = 1_000) async throws -> [Int64]
    {
        try await temporary.store.read { database in
            let used = try TestedUsageStore().tested(
                by: accounts, projectID: project, since: Timestamp(seconds: seconds), from: database)
            return [used.visitors, used.users]
        }
    }

    @Test func aVisitorCountsOnceACycle() async throws {
        let quotas = Quotas([:])
        try await running(quotas) { (tracker: Tracker) async throws -> Void in
            let project = Self.project()
            func see(_ batch: TrackingBatch) async throws -> [TrackingRejection: Int] {
                try await tracker.track(batch, project: project, environment: nil)
            }
            #expect(try await see(batch(["e\u{301}", "\u{E9}", "e\u{301}"])) == [.repeated: 1])
            #expect(try await see(batch(["e\u{301}"], 11)) == [:])
            // Who is only shown something, and what is simulated, is no test.
            #expect(try await see(batch(["x"], 12)) == [:])
            #expect(try await see(batch(["y"], at: Timestamp(seconds: 5))) == [:])
            #expect(try await used([1]) == [2, 0])
            quotas.cycle.withLock { $0 = Timestamp(seconds: 2_000) }
            // Nothing new is stored, and yet it is another cycle's test.
            #expect(try await see(batch(["e\u{301}"])) == [.repeated: 1])
            #expect(try await used([1], since: 2_000) == [1, 0])
            #expect(try await used([1]) == [2, 0])
        }
        #expect(quotas.told.withLock { $0 } == [])
    }

    @Test func limitsOfManyHoldInOneRequest() async throws {
        let shared = TestedQuota.Limit(accounts: [1, 2], visitors: 5, users: nil)
        let quotas = Quotas([1: [shared], 2: [TestedQuota.Limit(accounts: [2], visitors: nil, users: 2), shared]])
        try await running(quotas) { (tracker: Tracker) async throws -> Void in
            let main = Self.project()
            let branch = Self.project(2, id: 2, type: "fullstack")
            func see(
                _ visitors: [String], _ experience: Int64 = 10, of project: TrackedProject
            ) async throws -> [TrackingRejection: Int] {
                try await tracker.track(batch(visitors, experience), project: project, environment: nil)
            }
            #expect(try await see(["a", "b", "c"], of: branch) == [.quota: 1])
            #expect(try await see(["a", "b", "c", "d"], of: main) == [.quota: 1])
            // Who is in a test goes on, in others as well.
            let others = try await [see(["a"], 11, of: branch), see(["d"], 12, of: main)]
            #expect(others == [[:], [:]])
        }
        #expect(try await used([1]) == [3, 0])
        #expect(try await used([2]) == [2, 2])
        #expect(try await used([1, 2]) == [5, 2])
        #expect(quotas.told.withLock { $0 } == [[2], [1, 2]])
    }

    @Test func manyAtOnceExceedNothing() async throws {
        let quotas = Quotas([1: [TestedQuota.Limit(accounts: [1], visitors: 37, users: nil)]])
        let rejections = try await running(quotas) { tracker in
            try await withThrowingTaskGroup(of: [TrackingRejection: Int].self) { group in
                for number in 0..<100 {
                    group.addTask {
                        try await tracker.track(batch(["v\(number)"]), project: Self.project(), environment: nil)
                    }
                }
                return try await group.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
            }
        }
        #expect(rejections == [.quota: 63])
        #expect(try await used([1]) == [37, 0])
        #expect(try await used([1], project: 1) == [37, 0])
        #expect(quotas.told.withLock { $0 } == [[1]])
    }
}
