import Testing

@testable import Queries

/// Long queries of one environment keep no other from asking.
@Suite struct QuerySlotsTests {
    private static func slots(_ count: Int, ofEnvironment: Int = 2) -> QuerySlots {
        var limits = QueryLimits()
        limits.concurrentQueries = count
        limits.queriesOfEnvironment = ofEnvironment
        return QuerySlots(limits)
    }

    @Test func oneEnvironmentNeverHasTheLastSlot() async throws {
        for (count, most) in [(2, 1), (3, 2), (5, 2)] {
            let slots = Self.slots(count)
            for _ in 0..<most { try await slots.take(environmentID: 1, waiting: 0) }
            await #expect(throws: QueryError.tooBusy(retryAfterSeconds: 2)) {
                try await slots.take(environmentID: 1, waiting: 0)
            }
            try await slots.take(environmentID: 2, waiting: 0)
            slots.giveBack(environmentID: 1)
            try await slots.take(environmentID: 1, waiting: 0)
        }
    }

    @Test func aSingleSlotGoesToWhoeverAsks() async throws {
        let slots = Self.slots(1)
        try await slots.take(environmentID: 1, waiting: 0)
        await #expect(throws: QueryError.self) { try await slots.take(environmentID: 2, waiting: 0) }
        slots.giveBack(environmentID: 1)
        try await slots.take(environmentID: 2, waiting: 0)
    }

    /// Those of all environments together leave one for other queries.
    @Test func wholeResultsLeaveRoom() async throws {
        let slots = QuerySlots.ofWholeResults(QueryLimits())
        try await slots.take(environmentID: 1, waiting: 0)
        await #expect(throws: QueryError.self) { try await slots.take(environmentID: 1, waiting: 0) }
        try await slots.take(environmentID: 2, waiting: 0)
        await #expect(throws: QueryError.self) { try await slots.take(environmentID: 3, waiting: 0) }
        slots.giveBack(environmentID: 1)
        try await slots.take(environmentID: 3, waiting: 0)
    }

    /// The slot that becomes free goes to the environment that has none, whoever came first.
    @Test func whoHasNothingComesFirst() async throws {
        let slots = Self.slots(3)
        try await slots.take(environmentID: 1, waiting: 0)
        try await slots.take(environmentID: 2, waiting: 0)
        try await slots.take(environmentID: 2, waiting: 0)
        let order = Order()
        let crowd = (0..<5).map { _ in
            Task {
                try await slots.take(environmentID: 1, waiting: 60)
                await order.add(1)
                slots.giveBack(environmentID: 1)
            }
        }
        while slots.waitingCount < 5 { await Task.yield() }
        let late = Task {
            try await slots.take(environmentID: 3, waiting: 60)
            await order.add(3)
            slots.giveBack(environmentID: 3)
        }
        while slots.waitingCount < 6 { await Task.yield() }
        slots.giveBack(environmentID: 2)
        try await late.value
        for task in crowd { try await task.value }
        #expect(await order.environments == [3, 1, 1, 1, 1, 1])
    }

    @Test func whoGivesUpLeavesTheQueue() async throws {
        let slots = Self.slots(1)
        try await slots.take(environmentID: 1, waiting: 0)
        let task = Task { try await slots.take(environmentID: 1, waiting: 600) }
        while slots.waitingCount < 1 { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(slots.waitingCount == 0)
    }

    @Test func theQueueOfAnEnvironmentEnds() async throws {
        var limits = QueryLimits()
        limits.concurrentQueries = 1
        limits.waitingQueriesOfEnvironment = 1
        let slots = QuerySlots(limits)
        try await slots.take(environmentID: 1, waiting: 0)
        let first = Task { try await slots.take(environmentID: 1, waiting: 600) }
        while slots.waitingCount < 1 { await Task.yield() }
        await #expect(throws: QueryError.tooBusy(retryAfterSeconds: 5)) {
            try await slots.take(environmentID: 1, waiting: 600)
        }
        slots.giveBack(environmentID: 1)
        try await first.value
    }

    private actor Order {
        private(set) var environments: [Int64] = []

        func add(_ environmentID: Int64) {
            environments.append(environmentID)
        }
    }
}
