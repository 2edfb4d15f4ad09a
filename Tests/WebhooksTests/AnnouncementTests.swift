import JSON
import StoreTestSupport
import Testing
import Time

@testable import ControlStore
@testable import Webhooks

struct AnnouncementTests {
    let temporary: TemporaryStore

    init() throws { temporary = try TemporaryStore() }

    private func add(_ number: Int64, environment: Int64 = 1, kind: Announcement.Kind = .exportFinished) async throws {
        try await temporary.store.write { database in
            try Announcement.add(
                kind, JSONObject([("number", .integer(number))]), environmentID: environment,
                at: Timestamp(seconds: number), in: database)
        }
    }

    private func page(behind id: Int64 = 0, limit: Int = 10) async throws -> [Announcement] {
        try await temporary.store.read {
            try Announcement.page(.exportFinished, environmentID: 1, behind: id, limit: limit, from: $0)
        }
    }

    @Test func eachIsForItsEnvironmentAndKind() async throws {
        for number in 1...3 {
            try await add(Int64(number))
            try await add(9, environment: 2)
            try await add(8, kind: .experienceStarted)
        }
        let all = try await page()
        #expect(all.map { $0.content["number"] } == [1, 2, 3])
        #expect(try await page(behind: all[0].id, limit: 1) == [all[1]])
        #expect(try await page(behind: all[2].id).isEmpty)
        // In an environment that is gone nobody is told.
        try await add(1, environment: 77)
    }

    @Test func idsRiseForEver() async throws {
        try await add(1)
        let last = try await temporary.store.read { try Announcement.last(from: $0) }
        try await Announcement.remove(before: Timestamp(seconds: 2), from: temporary.store)
        #expect(try await page().isEmpty)
        #expect(try await temporary.store.read { try Announcement.last(from: $0) } == 0)
        try await add(5)
        #expect(try await page().allSatisfy { $0.id > last })
    }

    @Test func whatHappenedSinceATimeLiesBehindAPlace() async throws {
        for number in [1, 5, 9] { try await add(Int64(number)) }
        let all = try await page()
        func place(_ seconds: Int64) async throws -> Int64? {
            try await temporary.store.read {
                try Announcement.place(since: Timestamp(seconds: seconds), environmentID: 1, from: $0)
            }
        }
        let (from5, from0) = (try #require(try await place(5)), try #require(try await place(0)))
        #expect(try await page(behind: from5) == Array(all.dropFirst()))
        #expect(try await page(behind: from0) == all)
        #expect(try await place(10) == nil)
    }

    @Test func theNewestIsKnownOnceItIsCommitted() async throws {
        let watch = AnnouncementWatch(store: temporary.store)
        let mine = AnnouncementWatch.Subject(kind: .exportFinished, environmentID: 1)
        let other = AnnouncementWatch.Subject(kind: .exportFinished, environmentID: 2)
        try await watch.catchUp([mine])
        #expect(watch.newest(mine) == 0)
        try await add(1)
        try await add(2, environment: 2)
        try await watch.catchUp([mine, other])
        #expect(watch.newest(mine) > 0 && watch.newest(other) > watch.newest(mine))
        try await watch.removeOld(at: Timestamp(seconds: 2 + Announcement.keptSeconds))
        #expect(try await page().isEmpty)
        try await watch.catchUp([mine, other])
        #expect(watch.newest(mine) == 0 && watch.newest(other) > 0)
    }
}
