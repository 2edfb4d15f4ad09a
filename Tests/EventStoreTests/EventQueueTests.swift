import Testing

@testable import EventStore

@Suite struct EventQueueTests {
    private func pending(_ names: [String]) -> PendingBatch {
        PendingBatch(batch: .named(names)) { _ in }
    }

    private func names(_ taken: [PendingBatch]?) -> [String]? {
        taken?.map { $0.batch[0][.eventName] ?? "" }
    }

    @Test func liveBatchesGoBeforeBackgroundOnes() {
        let queue = EventQueue(maximumBytes: .max)
        for name in ["b1", "b2", "b3"] { #expect(queue.put(pending([name]), priority: .background) == .queued) }
        for name in ["l1", "l2"] { #expect(queue.put(pending([name]), priority: .live) == .queued) }
        #expect(names(queue.takeAll(upToRows: 100)) == ["l1", "l2", "b1"])
        #expect(queue.put(pending(["l3"]), priority: .live) == .queued)
        #expect(names(queue.takeAll(upToRows: 100)) == ["l3", "b2"])
        #expect(names(queue.takeAll(upToRows: 100)) == ["b3"])
    }

    @Test func aCommitTakesNoMoreRowsThanItMay() {
        let queue = EventQueue(maximumBytes: .max)
        for name in ["a", "b", "c"] { _ = queue.put(pending([name, name]), priority: .live) }
        _ = queue.put(pending(Array(repeating: "big", count: 10)), priority: .live)
        #expect(names(queue.takeAll(upToRows: 5)) == ["a", "b"])
        #expect(names(queue.takeAll(upToRows: 5)) == ["c"])
        #expect(names(queue.takeAll(upToRows: 5)) == ["big"])
    }

    @Test func aFullQueueRefusesUntilSomethingIsTaken() {
        let size = pending(["a"]).batch.byteCount
        let queue = EventQueue(maximumBytes: size * 2)
        #expect(queue.put(pending(["a"]), priority: .live) == .queued)
        #expect(queue.put(pending(["b"]), priority: .background) == .queued)
        #expect(queue.put(pending(["c"]), priority: .live) == .full)
        #expect(queue.put(pending(["c"]), priority: .background) == .full)
        #expect(names(queue.takeAll(upToRows: 100)) == ["a", "b"])
        #expect(queue.put(pending(["c"]), priority: .live) == .queued)
    }

    @Test func aBatchLargerThanTheQueueGetsItsTurn() {
        let queue = EventQueue(maximumBytes: 1)
        #expect(queue.put(pending(["a"]), priority: .live) == .queued)
        #expect(queue.put(pending(["b"]), priority: .live) == .full)
        #expect(names(queue.takeAll(upToRows: 100)) == ["a"])
    }

    @Test func stoppingRefusesNewBatchesAndHandsOutTheRest() {
        let queue = EventQueue(maximumBytes: .max)
        for name in ["a", "b"] { _ = queue.put(pending([name]), priority: .background) }
        queue.stop()
        #expect(queue.put(pending(["c"]), priority: .live) == .stopped)
        #expect(names(queue.takeAll(upToRows: 100)) == ["a"])
        #expect(names(queue.takeAll(upToRows: 100)) == ["b"])
        #expect(names(queue.takeAll(upToRows: 100)) == nil)
    }
}
