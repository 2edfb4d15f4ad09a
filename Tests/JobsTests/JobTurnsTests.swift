import ControlStore
import JSON
import Schema
import StoreTestSupport
import TestSupport
import Testing
import Time

@testable import Jobs

/// Many jobs of one account, or of one environment, keep no other waiting for all of them.
@Suite struct JobTurnsTests {
    private let temporary: TemporaryStore
    private let hand = HandClock()
    private let jobs: JobStore

    /// Account 1 has the environments 1 and 2, account 2 has 3.
    init() throws {
        temporary = try TemporaryStore()
        jobs = JobStore(store: temporary.store, clock: hand.clock)
        try temporary.store.blockingWrite { database in
            try database.run(
                script: """
                    INSERT INTO accounts (id, name, created_at) VALUES (2, 'b', 0);
                    INSERT INTO projects (id, account_id, name, type, created_at) VALUES (2, 2, 'p', 'web', 0);
                    INSERT INTO environments (id, project_id, app_token, name, created_at)
                        VALUES (3, 2, 'NX-3', 'three', 1000000);
                    """)
        }
    }

    private func enqueue(
        _ environment: Int64?, _ count: Int = 1, holder: JobHolder? = nil, isShort: Bool = false,
        runAt: Timestamp? = nil
    ) async throws {
        for _ in 0..<count {
            try await jobs.enqueue(
                NewJob(
                    kind: "deletion", environmentID: environment, holder: holder, payload: NoPayload(), runAt: runAt,
                    isShort: isShort))
        }
    }

    private func claim(onlyShort: Bool = false) async throws -> (job: Job, lease: JobLease)? {
        try await jobs.claim(kind: "deletion", leaseSeconds: 60, onlyShort: onlyShort)
    }

    /// The environments whose jobs come next; 0 stands for none. What was claimed is done when the next is.
    private func order(_ count: Int) async throws -> [Int64] {
        var order: [Int64] = []
        for _ in 0..<count {
            let (job, lease) = try #require(try await claim())
            order.append(job.environmentID ?? 0)
            try await jobs.complete(lease, result: nil)
        }
        return order
    }

    @Test func accountsAndTheirEnvironmentsTakeTurns() async throws {
        try await enqueue(1, 4)
        try await enqueue(2, 2)
        try await enqueue(3, 2)
        try await enqueue(nil)
        #expect(try await order(6) == [0, 1, 3, 2, 3, 1])
        // Whoever comes back does not come first again.
        try await enqueue(3)
        #expect(try await order(4) == [3, 2, 1, 1])
        #expect(try await claim() == nil)
    }

    @Test func whoeverHasFewerRunningComesFirst() async throws {
        try await enqueue(1, 4)
        try await enqueue(3, 4)
        let first = try #require(try await claim())
        let second = try #require(try await claim())
        #expect([first, second].map(\.job.environmentID) == [1, 3])
        try await jobs.complete(second.lease, result: nil)
        for _ in 0..<2 {
            let (job, lease) = try #require(try await claim())
            #expect(job.environmentID == 3)
            try await jobs.complete(lease, result: nil)
        }
    }

    @Test func jobsOfNoEnvironmentTakeTheTurnsOfTheirHolders() async throws {
        try await enqueue(nil, 3, holder: .project(1))
        try await enqueue(3)
        #expect(try await order(4) == [0, 3, 0, 0])
    }

    @Test func jobsOfAnOlderStoreTakeTurnsToo() async throws {
        try await enqueue(1, 2)
        try await enqueue(3)
        try await temporary.store.write { database in
            try database.run(
                script: """
                    DROP INDEX jobs_waiting;
                    DROP INDEX jobs_running_by_account;
                    ALTER TABLE jobs DROP COLUMN account_id;
                    ALTER TABLE jobs DROP COLUMN is_short;
                    DELETE FROM grdb_migrations WHERE identifier LIKE '019 %';
                    """)
        }
        _ = try ControlStore(path: temporary.folder.file("control.sqlite"), migrations: ControlSchema.migrations)
        #expect(try await order(3) == [1, 3, 1])
    }

    @Test func jobsWhoseTimeHasNotComeKeepNobody() async throws {
        try await enqueue(1, runAt: hand.clock.now.adding(seconds: 60))
        try await enqueue(1)
        try await enqueue(3, runAt: hand.clock.now.adding(seconds: 60))
        #expect(try await order(1) == [1])
        #expect(try await claim() == nil)
        hand.advance(seconds: 61)
        #expect(try await order(2).sorted() == [1, 3])
    }

    @Test func shortJobsHavePlacesOfTheirOwn() async throws {
        try await enqueue(1, 3)
        try await enqueue(2, isShort: true)
        let long = try #require(try await claim())
        #expect(!long.job.isShort)
        let short = try #require(try await claim(onlyShort: true))
        #expect(short.job.isShort && short.job.environmentID == 2)
        #expect(try await claim(onlyShort: true) == nil)
    }

    @Test func anAccountHasSoManyJobsWaitingAtMost() async throws {
        func add(_ environment: Int64, isShort: Bool = false) async throws {
            try await jobs.enqueue(
                NewJob(
                    kind: "deletion", environmentID: environment, payload: NoPayload(), isShort: isShort, mostWaiting: 3
                ))
        }
        try await add(1)
        try await add(2, isShort: true)
        try await add(2)
        await #expect(throws: JobError.tooManyWaiting(limit: 3)) { try await add(1) }
        // Others may, and so may housekeeping.
        try await add(3)
        try await enqueue(1)
        _ = try await order(5)
        try await add(1)
    }

    @Test func kindsDoNotMix() {
        var turns = JobTurns()
        turns.give("export", account: 1, environment: 1)
        #expect(turns.order("deletion", accounts: [1, 2], running: [:]) == [1, 2])
        #expect(turns.order("export", accounts: [1, 2], running: [:]) == [2, 1])
        #expect(turns.order("export", accounts: [1, 2], running: [2: 1]) == [1, 2])
        #expect(turns.order("export", environments: [1, 2, nil], of: 1) == [nil, 2, 1])
    }
}
