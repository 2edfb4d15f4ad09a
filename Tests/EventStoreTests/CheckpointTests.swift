import Foundation
import TestSupport
import Testing

@testable import EventStore

@Suite struct CheckpointTests {
    private let hand = HandClock()

    @Test func dueByBytesCommitsOrTime() {
        var policy = CheckpointPolicy()
        policy.bytes = 1_000
        policy.commits = 10
        policy.seconds = 5
        #expect(!policy.isDue(bytes: 999, commits: 9, seconds: 4.9))
        #expect(policy.isDue(bytes: 1_000, commits: 1, seconds: 0))
        #expect(policy.isDue(bytes: 1, commits: 10, seconds: 0))
        #expect(policy.isDue(bytes: 1, commits: 1, seconds: 5))
        // Nothing to fold in.
        #expect(!policy.isDue(bytes: 0, commits: 0, seconds: 100))
    }

    @Test func commitsThatComeDuringACheckpointCountForTheNext() {
        let tally = CheckpointTally()
        tally.add(5)
        let begun = tally.current.commits
        tally.add(2)
        tally.remove(begun)
        #expect(tally.current.commits == 2)
        tally.remove(2)
        #expect(tally.current.commits == 0)
        #expect(tally.current.seconds == 0)
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
}
