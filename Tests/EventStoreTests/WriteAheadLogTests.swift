import Foundation
import TestSupport
import Testing

@testable import EventStore

/// The engine's write-ahead log, cut and damaged in all ways, judged and opened.
@Suite struct WriteAheadLogTests {
    private let hand = HandClock()
    private static let commits = 6

    /// A log of commits with one event each that were not folded into the file.
    private func filled() throws -> (log: Log, bytes: [UInt8]) {
        let log = try Log()
        let committer = try log.committer(hand.clock)
        for number in 0..<Self.commits {
            _ = try committer.commit([.named(["event \(number)"], user: String(repeating: "u", count: 900))])
        }
        return (log, try log.writeAheadLogBytes)
    }

    private func judge(_ bytes: [UInt8]) throws -> WriteAheadLog {
        try #require(bytes.withUnsafeBytes { WriteAheadLog($0) })
    }

    /// Where each commit that can be read ends, the making of the tables among them.
    private func ends(_ bytes: [UInt8]) throws -> [Int] {
        var ends: [Int] = []
        for size in 5...bytes.count where bytes[(size - 5)..<size].elementsEqual([100, 0, 100, 0xFF, 0xFF]) {
            let log = try judge(Array(bytes[..<size]))
            if log.end == .whole { ends.append(log.wholeBytes) }
        }
        return ends
    }

    @Test func aWholeLogIsWhole() throws {
        let (_, bytes) = try filled()
        let log = try judge(bytes)
        #expect(log.end == .whole)
        #expect(log.wholeBytes == bytes.count)
        #expect(log.commits >= Self.commits)
        #expect([UInt8]().withUnsafeBytes { WriteAheadLog($0) } == nil)
        // Another version's is left to the engine.
        #expect([UInt8]([100, 0, 98, 101, 0, 9, 0xFF, 0xFF, 1, 2]).withUnsafeBytes { WriteAheadLog($0) } == nil)
    }

    @Test func whatIsCutShortIsTorn() throws {
        let (_, bytes) = try filled()
        var whole = 0
        for size in 1..<bytes.count {
            let log = try judge(Array(bytes[..<size]))
            #expect(log.end != .damaged, "cut at \(size)")
            #expect(log.wholeBytes <= size && log.wholeBytes >= whole, "cut at \(size)")
            whole = log.wholeBytes
        }
    }

    @Test func zerosAtTheEndAreTorn() throws {
        let (_, bytes) = try filled()
        let ends = try ends(bytes)
        let start = ends[ends.count - 2]
        for kept in stride(from: start, to: bytes.count, by: 37) {
            let zeroed = Array(bytes[..<kept]) + [UInt8](repeating: 0, count: bytes.count - kept)
            let log = try judge(zeroed)
            #expect(log.end == .torn, "zeros from \(kept)")
            #expect(log.wholeBytes == start, "zeros from \(kept)")
        }
        let longer = try judge(bytes + [UInt8](repeating: 0, count: 4_096))
        #expect(longer.end == .torn)
        #expect(longer.wholeBytes == bytes.count)
        #expect(try judge([UInt8](repeating: 0, count: 512)).wholeBytes == 0)
    }

    /// The end of the last commit reached the disk, and a part before it did not.
    @Test func aGapOfZerosInTheLastCommitIsTornAndInOneBeforeIsDamage() throws {
        let (_, bytes) = try filled()
        let ends = try ends(bytes)
        for (commit, expected) in [(ends.count - 1, WriteAheadLog.End.torn), (ends.count - 2, .damaged)] {
            var gap = bytes
            let sector = (ends[commit - 1] + 511) / 512 * 512
            try #require(sector + 512 < ends[commit])
            gap.replaceSubrange(sector..<sector + 512, with: [UInt8](repeating: 0, count: 512))
            let log = try judge(gap)
            #expect(log.end == expected)
            #expect(log.wholeBytes == ends[commit - 1])
        }
    }

    @Test func aFlippedBitIsDamage() throws {
        let (_, bytes) = try filled()
        let ends = try ends(bytes)
        for position in stride(from: ends[2], to: bytes.count, by: 23) {
            var flipped = bytes
            flipped[position] ^= 1
            let log = try judge(flipped)
            // What makes the last commit look unfinished cannot be told from a crash.
            if position < ends[ends.count - 2] { #expect(log.end == .damaged, "bit of byte \(position)") }
            #expect(log.end != .whole, "bit of byte \(position)")
            #expect(log.wholeBytes == ends.last { $0 <= position }, "bit of byte \(position)")
        }
        var last = bytes
        last[bytes.count - 100] ^= 1
        #expect(try judge(last).end == .damaged)
    }

    @Test func aTornTailIsCutAndKeptAndTheRestOpens() async throws {
        let (log, bytes) = try filled()
        let start = try ends(bytes).dropLast().last ?? 0
        for tail in [
            Array(bytes[start..<(bytes.count - 30)]), [UInt8](repeating: 0, count: bytes.count - start),
        ] {
            let folder = try log.copy(writeAheadLog: Array(bytes[..<start]) + tail)
            let survivor = try Log(in: folder)
            #expect(try await survivor.count == Self.commits - 1)
            _ = try survivor.committer(hand.clock).commit([.named(["next"])])
            let again = try survivor.afterKill()
            #expect(try await again.count == Self.commits)
            let kept = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.contains(".cut-") }
            #expect(try kept.map { try Data(contentsOf: URL(filePath: folder.file($0))) } == [Data(tail)])
        }
    }

    /// Whoever is deleted may be in there.
    @Test func whatWasCutGoesWithAnErasureOrInTime() async throws {
        let (log, bytes) = try filled()
        let folder = try log.copy(writeAheadLog: Array(bytes.dropLast(30)))
        func kept() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.contains(".cut-") }
        }
        let survivor = try Log(in: folder)
        let files = try #require(survivor.store.files)
        #expect(try kept().count == 1)
        let another = folder.file("events.duckdb.wal.cut-20200101T000000Z")
        try Data("old".utf8).write(to: URL(filePath: another))
        try FileManager.default.setAttributes(
            [.modificationDate: Date().addingTimeInterval(-8 * 86_400)], ofItemAtPath: another)
        let lost = folder.file("events.duckdb.lost-20200101T000000Z")
        try Data("given up".utf8).write(to: URL(filePath: lost))
        #expect(files.putAside().count == 3)
        files.removeCut(olderThanSeconds: EventLogFiles.cutLifetimeSeconds)
        #expect(try kept().count == 1 && !FileManager.default.fileExists(atPath: another))
        try await survivor.store.erase()
        #expect(try kept().isEmpty)
        // That is for the operator to decide.
        #expect(FileManager.default.fileExists(atPath: lost))
    }

    @Test func damageIsRefusedUntilTheLossIsAccepted() async throws {
        let (log, bytes) = try filled()
        let ends = try ends(bytes)
        var flipped = bytes
        flipped[ends[ends.count - 3] + 200] ^= 1
        let folder = try log.copy(writeAheadLog: flipped)
        let path = folder.file("events.duckdb")
        #expect {
            _ = try EventStore(path: path, logger: Log.logger)
        } throws: { error in
            guard case .damaged(let file, let summary)? = error as? EventLogError else { return false }
            return file == "\(path).wal" && summary.wholeBytes == ends[ends.count - 3]
                && "\(error)".contains("--accept-loss=events")
        }
        // Nothing was touched.
        #expect(try Data(contentsOf: URL(filePath: "\(path).wal")) == Data(flipped))
        let store = try EventStore(path: path, acceptsLoss: true, logger: Log.logger)
        #expect(try await store.count(environmentID: 1) == Self.commits - 2)
    }
}
