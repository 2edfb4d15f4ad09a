import Dispatch
import InternetAddress
import Testing

@testable import Gateway

@Suite struct LongWorkTests {
    /// Fills all threads of strangers, and has somebody with a key work meanwhile.
    @Test(.timeLimit(.minutes(2))) func whoHasShownAKeyDoesNotWaitForStrangers() async throws {
        let isOver = DispatchSemaphore(value: 0)
        let (started, start) = AsyncStream<Void>.makeStream()
        let strangers = (0..<LongWork.strangerThreads * 4).map { number in
            Task {
                try await LongWork.run(forStranger: true) {
                    start.yield()
                    isOver.wait()
                    return number
                }
            }
        }
        var count = 0
        for await _ in started {
            count += 1
            if count == LongWork.strangerThreads { break }
        }
        #expect(try await LongWork.run(forStranger: false) { 5 } == 5)
        // What is short needs no thread.
        #expect(try await LongWork.run(forStranger: true, if: false) { 6 } == 6)
        for _ in strangers { isOver.signal() }
        for (number, stranger) in strangers.enumerated() { #expect(try await stranger.value == number) }
    }

    @Test func whoeverHasProvedAKeyIsNoStranger() throws {
        let budget = MemoryBudget(totalBytes: 16_000_000)
        #expect(!MemoryLease(budget, key: "7") { nil }.isStranger)
        let lease = MemoryLease(budget, key: nil) { nil }
        #expect(lease.isStranger)
        try lease.charge(to: "7")
        #expect(!lease.isStranger)
    }
}
