import People
import StoreTestSupport
import Testing
import Text
import Time

struct ExclusionStoreTests {
    @Test func addsListsAndRemovesPerEnvironment() async throws {
        let temporary = try TemporaryStore()
        let exclusions = ExclusionStore(store: temporary.store, clock: WallClock { Timestamp(seconds: 5) })
        try await exclusions.add(.user, ids: ["ann"], environmentID: 1)
        try await exclusions.add(.user, ids: ["ann"], environmentID: 1)
        try await exclusions.add(.company, ids: ["ann"], environmentID: 1)
        try await exclusions.add(.user, ids: ["bob"], environmentID: 2)
        let listed = try await exclusions.list(environmentID: 1)
        #expect(listed.map(\.kind) == [.user, .company] && listed.allSatisfy { $0.id == "ann" })
        #expect(listed[0].createdAt == Timestamp(seconds: 5))
        #expect(try await exclusions.remove(.user, ids: ["bob"], environmentID: 1) == 0)
        #expect(try await exclusions.remove(.user, ids: ["ann"], environmentID: 1) == 1)
        #expect(try await exclusions.list(environmentID: 1).map(\.kind) == [.company])
        #expect(try await exclusions.list(environmentID: 2).map(\.id) == ["bob"])
    }

    @Test func idsAreTheirBytes() async throws {
        let temporary = try TemporaryStore()
        let exclusions = ExclusionStore(store: temporary.store, clock: WallClock { Timestamp(seconds: 5) })
        #expect(try await exclusions.add(.user, ids: ["\u{E9}", "e\u{301}"], environmentID: 1) == 2)
        #expect(try await exclusions.remove(.user, ids: ["\u{E9}"], environmentID: 1) == 1)
        #expect(try await exclusions.list(environmentID: 1).map { ClientText($0.id) } == ["e\u{301}"])
    }
}
