import Dispatch
import InternetAddress
import Testing

@testable import Serving

@Suite struct MakingQueueTests {
    private let queue = MakingQueue(.init(total: 3, client: 2), on: MakingQueue.threadsForSets)
    private let isOver = DispatchSemaphore(value: 0)

    /// Work that holds its place until it is told.
    private func hold(_ client: IPAddress?) async -> Task<Int, any Error> {
        let before = queue.count(of: client)
        let task = Task { [queue, isOver] in
            try await queue.run(for: client) {
                isOver.wait()
                return 1
            }
        }
        while queue.count(of: client) == before { await Task.yield() }
        return task
    }

    private func finds(_ client: IPAddress?) async -> Bool {
        do {
            return try await queue.run(for: client) { true }
        } catch {
            return !(error is TooManyConfigs)
        }
    }

    @Test(.timeLimit(.minutes(1))) func whatWaitsIsBoundedInTotalAndForEachClient() async throws {
        let (first, second, third) = (IPAddress("192.0.2.1"), IPAddress("192.0.2.2"), IPAddress("192.0.2.3"))
        var held = [await hold(first), await hold(first)]
        #expect(await finds(first) == false)
        held.append(await hold(second))
        // All places are taken.
        #expect(await finds(third) == false)
        #expect(await finds(nil) == false)
        for _ in held { isOver.signal() }
        for task in held { #expect(try await task.value == 1) }
        for client in [first, second, third, nil] { #expect(await finds(client)) }
    }

    @Test func customersOfANetworkShareItsPlaces() async throws {
        let held = [await hold(IPAddress("2001:db8::1")), await hold(IPAddress("2001:db8::2"))]
        #expect(await finds(IPAddress("2001:db8::3")) == false)
        for _ in held { isOver.signal() }
        for task in held { _ = try await task.value }
    }

    @Test func aFailureLeavesItsPlace() async {
        struct Failure: Error {}
        for _ in 0..<10 {
            await #expect(throws: Failure.self) { try await queue.run(for: nil) { throw Failure() } }
        }
        #expect(queue.count(of: nil) == 0)
    }
}
