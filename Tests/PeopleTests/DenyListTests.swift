import ControlStore
import People
import StoreTestSupport
import Testing
import Time

struct DenyListTests {
    private static let clock = WallClock { Timestamp(seconds: 7) }

    private struct Trouble: Error {}

    @Test func whatIsNotCommittedDeniesNobody() async throws {
        let temporary = try TemporaryStore()
        let list = try await DenyList(store: temporary.store, clock: Self.clock)
        await #expect(throws: Trouble.self) {
            try await list.deny("ann", environmentID: 1) { _ in
                #expect(!list.isDenied("ann", environmentID: 1))
                throw Trouble()
            }
        }
        #expect(!list.isDenied("ann", environmentID: 1))
        try await list.deny("ann", environmentID: 1)
        #expect(list.isDenied("ann", environmentID: 1) && !list.isDenied("ann", environmentID: 2))
        let again = try await DenyList(store: temporary.store, clock: Self.clock)
        #expect(again.isDenied("ann", environmentID: 1))
        try await list.allow("ann", environmentID: 1)
        #expect(!list.isDenied("ann", environmentID: 1))
    }

    @Test func anEnvironmentDeniesSoManyAtMost() async throws {
        let temporary = try TemporaryStore()
        let list = try await DenyList(store: temporary.store, clock: Self.clock, limit: 3)
        for user in ["a", "b", "c", "a"] { try await list.deny(user, environmentID: 1) }
        await #expect(throws: DenyListError.full(limit: 3)) { try await list.deny("d", environmentID: 1) }
        #expect(!list.isDenied("d", environmentID: 1))
        try await list.deny("d", environmentID: 2)
        try await list.allow("b", environmentID: 1)
        try await list.deny("d", environmentID: 1)
        #expect(list.isDenied("d", environmentID: 1))
    }

    /// However calls meet, memory says in the end what the store does.
    @Test func memoryFollowsTheOrderOfCommits() async throws {
        let temporary = try TemporaryStore()
        let list = try await DenyList(store: temporary.store, clock: Self.clock)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                let user = "u\(number % 5)"
                group.addTask {
                    if number % 3 == 0 {
                        try? await list.allow(user, environmentID: 1)
                    } else {
                        try? await list.deny(user, environmentID: 1)
                    }
                }
            }
        }
        let again = try await DenyList(store: temporary.store, clock: Self.clock)
        for number in 0..<5 {
            #expect(list.isDenied("u\(number)", environmentID: 1) == again.isDenied("u\(number)", environmentID: 1))
        }
    }
}
