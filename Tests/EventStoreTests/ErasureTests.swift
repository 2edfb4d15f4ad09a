import DuckDB
import Foundation
import TestSupport
import Testing

@testable import EventStore

@Suite struct ErasureTests {
    private let hand = HandClock()

    private func bytesOnDisk(_ log: Log, contain text: String) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: log.folder.path).contains { name in
            try Data(contentsOf: URL(filePath: log.folder.file(name))).range(of: Data(text.utf8)) != nil
        }
    }

    @Test func whatIsDeletedLeavesTheDisk() async throws {
        let log = try Log()
        // What is compressed could not be searched for.
        try await log.store.readers.run { try $0.execute("SET GLOBAL force_compression = 'uncompressed'") }
        let committer = try log.committer(hand.clock)
        for part in 0..<4 {
            let kept = (0..<3_000).map { "kept-event-\(part)-\($0)" }
            let doomed = (0..<30).map { "doomed-event-\(part)-\($0)" }
            _ = try committer.commit([.named(kept), .named(doomed, user: "doomed-user")])
            // The file holds all of it, and copies of what was rewritten when it grew.
            try await log.store.erase()
        }
        #expect(!log.hasWriteAheadLog)
        #expect(try bytesOnDisk(log, contain: "doomed-event"))

        let last = try #require(try await log.store.lastIdentifier())
        #expect(
            try await log.store.deleteEvents(of: .users, ids: ["doomed-user"], environmentID: 1, upTo: last) == 120)
        #expect(try await log.store.count(environmentID: 1) == 12_000)
        _ = try committer.commit([.named(["later"], user: "doomed-user-2")])
        try await log.store.erase()
        // The engine's statistics keep eight bytes of a column's least and greatest text.
        #expect(try !bytesOnDisk(log, contain: "doomed-event"))
        #expect(try bytesOnDisk(log, contain: "kept-event-3-2999"))
        #expect(try await log.afterKill().count == 12_001)
    }

    @Test func erasingAnEmptyLogIsNoError() async throws {
        let log = try Log()
        try await log.store.erase()
        try await log.store.erase()
        #expect(try await log.store.count(environmentID: 1) == 0)
    }
}
