import DuckDB
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import EventStore

@Suite struct CheckpointTests {
    private let hand = HandClock()

    @Test func dueByBytesCommitsRowsOrTime() {
        var policy = CheckpointPolicy()
        policy.bytes = 1_000
        policy.commits = 10
        policy.scatteredRows = 20
        policy.seconds = 5
        func isDue(bytes: Int = 1, commits: Int = 1, rows: Int = 0, seconds: Double = 0) -> Bool {
            policy.isDue(
                bytes: bytes, CheckpointTally.Unfolded(commits: commits, scatteredRows: rows, seconds: seconds))
        }
        #expect(!isDue(bytes: 999, commits: 9, rows: 19, seconds: 4.9))
        #expect(isDue(bytes: 1_000))
        #expect(isDue(commits: 10))
        #expect(isDue(rows: 20))
        #expect(isDue(seconds: 5))
        // Nothing to fold in.
        #expect(!isDue(bytes: 0, commits: 0, seconds: 100))
    }

    @Test func rowsOfLargeCommitsDoNotCount() {
        let tally = CheckpointTally()
        tally.add(rows: CheckpointTally.fewRows)
        tally.add(rows: CheckpointTally.fewRows + 1)
        tally.add(rows: 1)
        #expect(tally.current.commits == 3)
        #expect(tally.current.scatteredRows == CheckpointTally.fewRows + 1)
    }

    @Test func commitsThatComeDuringACheckpointCountForTheNext() {
        let tally = CheckpointTally()
        tally.add(CheckpointTally.Unfolded(commits: 5, scatteredRows: 50))
        let begun = tally.current
        for _ in 0..<2 { tally.add(rows: 3) }
        tally.remove(begun)
        #expect(tally.current.commits == 2)
        #expect(tally.current.scatteredRows == 6)
        tally.remove(tally.current)
        #expect(tally.current == CheckpointTally.Unfolded())
    }

    /// The engine would hold everybody who appends, to drop deleted rows meanwhile.
    @Test func eventsAreAppendedWhileTheLogIsFoldedIn() async throws {
        let log = try Log()
        let committer = try log.committer(hand.clock)
        _ = try committer.commit([.named(["before"])])
        try await whileFoldingIn(log) { isFolded in
            _ = try committer.commit([.named(["meanwhile"])])
            #expect(!isFolded())
        }
        #expect(try await log.afterKill().count == 2)
    }

    /// Of a checkpoint that never ended a mark stays in the write-ahead log, and the engine stumbles over it when the next one
    /// does not end either.
    @Test func twoKillsInCheckpointsLoseNothing() async throws {
        let first = try Log()
        _ = try first.committer(hand.clock).commit([.withIDs(["one"])])
        var killed: Log?
        try await whileFoldingIn(first) { _ in killed = try first.afterKill() }
        let second = try #require(killed)
        let committer = try second.committer(hand.clock)
        _ = try committer.commit([.withIDs(["two"])])
        var third: Log?
        try await whileFoldingIn(second) { _ in
            _ = try committer.commit([.withIDs(["three"])])
            third = try second.afterKill()
        }
        #expect(try await third?.count == 3)
    }

    /// Runs a body while the engine folds a log in: it sleeps once it has taken its locks. Where it needs longer to begin, a
    /// test sees less.
    private func whileFoldingIn(_ log: Log, _ body: (_ isFolded: () -> Bool) throws -> Void) async throws {
        try log.store.connect().execute("SET GLOBAL debug_checkpoint_sleep_ms = 6000")
        let half = log.store.written.use { $0 }
        let isFolded = Mutex(false)
        let checkpoint = Task {
            try await log.store.checkpoint()
            isFolded.withLock { $0 = true }
        }
        while log.store.written.use({ $0 }) == half { try await Task.sleep(for: .milliseconds(10)) }
        try await Task.sleep(for: .milliseconds(500))
        try body { isFolded.withLock { $0 } }
        try await checkpoint.value
        try log.store.connect().execute("SET GLOBAL debug_checkpoint_sleep_ms = 0")
    }

    /// Few small commits would stay in the write-ahead log for ever if bytes alone counted.
    @Test func fewCommitsAreFoldedIn() async throws {
        var policy = CheckpointPolicy()
        policy.commits = 3
        let log = try Log(checkpoints: policy)
        let maintenance = Task { [store = log.store] in await store.maintain() }
        defer { maintenance.cancel() }
        let committer = try log.committer(hand.clock)
        for round in 1...3 {
            for number in 0..<4 { _ = try committer.commit([.named(["event \(round) \(number)"])]) }
            while log.store.tally.current.commits >= 3 { try await Task.sleep(for: .milliseconds(10)) }
        }
        #expect((log.writeAheadLogSize ?? 0) < 10_000)
        #expect(try await log.afterKill().count == 12)
    }

    /// Each checkpoint turns the log to its other half; readers, deletions and the next start know no difference.
    @Test func bothHalvesAreOneLog() async throws {
        let log = try Log()
        let committer = try log.committer(hand.clock)
        var last: LogPosition?
        for round in 1...5 {
            last = try committer.commit([.withIDs(["event \(round)", "gone"].map { "\($0) \(round)" })]).end
            try await log.store.checkpoint()
            #expect(try await log.store.end() == last)
        }
        for half in LogHalf.allCases {
            #expect(try await log.column("SELECT count(*) FROM \(half.of(EventTable.name))") != ["0"])
        }
        #expect(try await log.count == 10)
        #expect(try committer.commit([.withIDs(["gone 1", "gone 4"])]).duplicateCount == 2)
        let replayed = try await log.store.replay(after: nil, upTo: try #require(last), limit: 100)
        let ids = try #require(replayed).identifiers
        #expect(ids.count == 10 && ids == ids.sorted())
        try await log.execute("DELETE FROM lake.main.event_log WHERE mark = 'reach'")
        #expect(try await log.store.end() == last)
        committer.end()
        #expect(try await log.afterKill().count == 10)
    }

    @Test func whatIsDeletedGoesFromBothHalves() async throws {
        let log = try Log()
        let committer = try log.committer(hand.clock)
        for _ in 0..<3 {
            let last = try committer.commit([.named(["a"], user: "ann"), .named(["b"], user: "bob")]).last
            #expect(last != nil)
            try await log.store.checkpoint()
        }
        let end = try #require(try await log.store.end())
        #expect(try await log.store.deleteEvents(of: .users, ids: ["ann"], environmentID: 1, upTo: end) == 3)
        #expect(Set(try await log.column("SELECT user_id FROM lake.main.events")) == ["bob"])
        committer.end()
    }

    private final class Steps: Sendable {
        let list = Mutex<[String]>([])
    }

    /// A checkpoint begins when nobody writes to the half that it folds; who comes meanwhile writes to the other one.
    @Test func nobodyWaitsForTheTurn() async throws {
        let written = WrittenHalf()
        let (entered, leave) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let steps = Steps()
        @Sendable func note(_ step: String) { steps.list.withLock { $0.append(step) } }
        let group = DispatchGroup()
        DispatchQueue.global().async(group: group) {
            written.use { half in
                entered.signal()
                leave.wait()
                note("left \(half)")
            }
        }
        entered.wait()
        DispatchQueue.global().async(group: group) {
            written.turn()
            note("turned")
        }
        while written.use({ $0 }) == .first { await Task.yield() }
        note("second")
        leave.signal()
        await withCheckedContinuation { done in group.notify(queue: .global()) { done.resume() } }
        #expect(steps.list.withLock { $0 } == ["second", "left first", "turned"])
        written.turn()
        #expect(written.use { $0 } == .first)
    }

    /// Logs of earlier versions have one table each, and some of it may be in the write-ahead log only.
    @Test(arguments: [false, true]) func aLogOfOneHalfIsTakenOver(isFolded: Bool) async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("events.duckdb")
        do {
            let connection = try Database(path: nil, settings: [:]).connect()
            try connection.execute("ATTACH '\(path)' AS lake")
            let events = EventTable.table.columns.map(\.definition).joined(separator: ", ")
            let exposures = ExposureTable.table.columns.map(\.definition).joined(separator: ", ")
            try connection.execute("CREATE TABLE lake.main.events (\(events))")
            try connection.execute("CREATE TABLE lake.main.exposures (\(exposures))")
            try connection.execute(
                "INSERT INTO lake.main.events BY NAME SELECT 1 AS environment_id, uuidv7() AS event_id")
            try connection.execute(
                "INSERT INTO lake.main.exposures BY NAME SELECT 1 AS environment_id, uuidv7() AS exposure_id")
            if isFolded { try connection.execute("CHECKPOINT lake") }
        }
        for _ in 0..<2 {
            let store = try EventStore(path: path, logger: Log.logger)
            #expect(try await store.count(environmentID: 1) == 1)
            #expect(try await store.lastExperimentEvent() != nil)
        }
    }
}
