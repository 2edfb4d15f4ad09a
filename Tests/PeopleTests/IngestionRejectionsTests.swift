import ControlStore
import StoreTestSupport
import Testing
import Time

struct IngestionRejectionsTests {
    @Test func sumsUpByEnvironmentReasonAndDay() async throws {
        let temporary = try TemporaryStore()
        let rejections = IngestionRejections(store: temporary.store)
        let monday = Timestamp(seconds: 1_749_470_000)
        let tuesday = monday.adding(seconds: 86_400)
        rejections.record(environmentID: 1, reason: "missing_user_id", at: monday, detail: "row 1")
        rejections.record(environmentID: 1, reason: "missing_user_id", count: 4, at: monday.adding(seconds: -9))
        try await rejections.flush()
        rejections.record(environmentID: 1, reason: "missing_user_id", at: tuesday, detail: "row 2")
        rejections.record(environmentID: 1, reason: "missing_user_id", count: 2, at: monday.adding(seconds: 1))
        rejections.record(environmentID: 2, reason: "too_long", at: monday)
        // An environment that does not exist holds nobody up.
        rejections.record(environmentID: 77, reason: "too_long", at: monday)
        try await rejections.flush()
        try await rejections.flush()
        let listed = try await rejections.list(environmentID: 1)
        #expect(listed.map(\.count) == [1, 7] && listed.map(\.day) == ["2025-06-10", "2025-06-09"])
        #expect(listed[1].lastAt == monday.adding(seconds: 1) && listed[1].lastDetail == "row 1")
        #expect(try await rejections.list(environmentID: 2).map(\.reason) == ["too_long"])
        #expect(try await rejections.list(environmentID: 77).isEmpty)
    }

    @Test func writesWhatIsLeftWhenItIsCancelled() async throws {
        let temporary = try TemporaryStore()
        let rejections = IngestionRejections(store: temporary.store)
        let task = Task { await rejections.run() }
        rejections.record(
            environmentID: 1, reason: "late", at: Timestamp(seconds: 0), detail: String(repeating: "x", count: 9_999))
        task.cancel()
        await task.value
        let listed = try await rejections.list(environmentID: 1)
        #expect(listed.map(\.reason) == ["late"] && listed.first?.lastDetail?.count == 500)
    }

    @Test func samplesAreKeptForAWeek() async throws {
        let temporary = try TemporaryStore()
        let start = Timestamp(seconds: 1_749_470_000)
        let week = IngestionRejections.sampleDays * 86_400
        let rejections = IngestionRejections(store: temporary.store)
        for seconds in [0, 5] as [Int64] {
            let at = start.adding(seconds: seconds)
            rejections.add(
                RejectionSample(at: at, keyID: nil, field: "x", message: "x is bad."), environmentID: 1, reason: "bad")
        }
        // One of an environment that does not exist holds nobody up.
        rejections.add(
            RejectionSample(at: start, keyID: nil, field: "x", message: "x is bad."), environmentID: 77, reason: "bad")
        try await rejections.flush()
        for (later, count) in [(week, 2), (week + 1, 1), (week + 6, 0)] {
            let clock = WallClock { start.adding(seconds: later) }
            try await IngestionRejections(store: temporary.store, clock: clock).removeOldSamples()
            #expect(try await rejections.samples(environmentID: 1).count == count)
        }
    }
}
