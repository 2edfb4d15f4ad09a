import Synchronization
import Testing

@testable import Serving

@Suite struct SingleFlightTests {
    private struct Failure: Error {}

    private let flights = SingleFlight<Int, Int>()

    /// What as many calls for one key are given; nil for one that fails.
    private func values(of key: Int, count: Int, _ make: @escaping @Sendable () async throws -> Int) async -> [Int?] {
        await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<count { group.addTask { try? await flights.value(key, make) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test(.timeLimit(.minutes(1))) func manyWaitForOneMaking() async {
        let makings = Mutex(0)
        let values = await values(of: 1, count: 50) {
            makings.withLock { $0 += 1 }
            for _ in 0..<100 { await Task.yield() }
            return 5
        }
        #expect(values == [Int?](repeating: 5, count: 50))
        #expect(makings.withLock { $0 } < 50)
    }

    @Test func whatWasMadeIsNotKept() async throws {
        #expect(try await flights.value(1) { 5 } == 5)
        #expect(try await flights.value(1) { 6 } == 6)
        #expect(try await flights.value(2) { 7 } == 7)
    }

    @Test func aFailureIsToldToAllAndOver() async throws {
        let values = await values(of: 1, count: 10) { throw Failure() }
        #expect(values.allSatisfy { $0 == nil })
        #expect(try await flights.value(1) { 5 } == 5)
    }

    /// Where it has no room, somebody else who waits for the same may have.
    @Test(.timeLimit(.minutes(1))) func anErrorOfWhoBeganIsNobodyElses() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let (started, start) = AsyncStream<Void>.makeStream()
        let first = Task {
            try await flights.value(1, unless: { $0 is Failure }) {
                start.yield()
                for await _ in gate { break }
                throw Failure()
            }
        }
        for await _ in started { break }
        let others = Task { () -> [Int?] in
            await withTaskGroup(of: Int?.self) { group in
                for number in 0..<10 {
                    group.addTask {
                        try? await flights.value(1, unless: { $0 is Failure }) {
                            if number == 0 { throw Failure() }
                            return 5
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
        try await Task.sleep(for: .milliseconds(50))
        open.yield()
        await #expect(throws: Failure.self) { try await first.value }
        // The one without room of its own may have joined one that has.
        #expect(await others.value.filter { $0 == 5 }.count >= 9)
    }

    /// One that is cancelled takes the making from nobody.
    @Test(.timeLimit(.minutes(1))) func aMakingGoesOnWithoutWhoBeganIt() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let (started, start) = AsyncStream<Void>.makeStream()
        let first = Task {
            try await flights.value(1) {
                start.yield()
                for await _ in gate { break }
                return Task.isCancelled ? 0 : 5
            }
        }
        for await _ in started { break }
        first.cancel()
        let second = Task { try await flights.value(1) { 6 } }
        open.yield()
        #expect([5, 6].contains(try await second.value))
        #expect(try await first.value == 5)
    }
}
