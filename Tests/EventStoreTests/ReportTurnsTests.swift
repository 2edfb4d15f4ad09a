import Synchronization
import Testing

@testable import EventStore

@Suite struct ReportTurnsTests {
    private let turns = ReportTurns(atOnce: 1, mostWaiting: 2)

    private final class Order: Sendable {
        let names = Mutex<[String]>([])
    }

    private func waitUntil(waiting count: Int) async throws {
        while turns.waitingCount < count { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test func holdersTakeTurnsAndOneMayNotFillTheQueue() async throws {
        let order = Order()
        let (gate, opened) = AsyncStream<Void>.makeStream()
        func make(_ name: String, for holder: Int64) -> Task<Void, any Error> {
            Task { [turns] in try await turns.run(for: holder) { order.names.withLock { $0.append(name) } } }
        }
        let first = Task { [turns] in
            try await turns.run(for: 1) { for await _ in gate { break } }
        }
        while !turns.isTaken { try await Task.sleep(for: .milliseconds(1)) }
        var tasks: [Task<Void, any Error>] = []
        for (name, holder) in [("a1", 1), ("a2", 1), ("b1", 2)] as [(String, Int64)] {
            tasks.append(make(name, for: holder))
            try await waitUntil(waiting: tasks.count)
        }
        await #expect(throws: TooManyReports.self) { try await make("a3", for: 1).value }
        opened.finish()
        try await first.value
        for task in tasks { try await task.value }
        #expect(order.names.withLock { $0 } == ["b1", "a1", "a2"])
    }

    @Test func whoHangsUpLeavesTheQueue() async throws {
        let (gate, opened) = AsyncStream<Void>.makeStream()
        let first = Task { [turns] in try await turns.run(for: 1) { for await _ in gate { break } } }
        while !turns.isTaken { try await Task.sleep(for: .milliseconds(1)) }
        let second = Task { [turns] in try await turns.run(for: 1) {} }
        try await waitUntil(waiting: 1)
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        #expect(turns.waitingCount == 0)
        opened.finish()
        try await first.value
        try await turns.run(for: 2) {}
    }
}
