import DuckDB
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import EventMirror
@testable import EventStore

/// The mirror holds what the log holds, whatever happened to either.
@Suite struct EventMirrorTests {
    @Test func holdsWhatWasCommittedBefore() async throws {
        let bench = try MirrorBench()
        #expect(try await bench.snapshot().files == [])
        try await bench.add(10)
        #expect(try await bench.snapshot().rowCount == 10)
        try await bench.add(5)
        let snapshot = try await bench.snapshot()
        #expect(snapshot.rowCount == 15)
        #expect(try await bench.digest(of: snapshot.files) == bench.logDigest())
        #expect(try await bench.mirror.snapshot(environmentID: 99, waitingSeconds: 60).files == [])
    }

    @Test func typesAreThoseOfTheView() async throws {
        let bench = try MirrorBench()
        try await bench.add(3)
        let files = try await bench.snapshot().files
        for list in [files, []] {
            let columns = try await bench.store.readers.run { connection in
                try connection.execute(ShownTable.events.createStatement(files: list))
                return try connection.query("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM events)").map
                {
                    [try $0.string(0, $1) ?? "", try $0.string(1, $1) ?? ""]
                }
            }
            #expect(columns == ShownTable.events.columns.map { [$0.name, $0.type] })
        }
    }

    /// Adding, deleting, restarting and asking in any order, in pieces small enough that all of it happens.
    @Test(arguments: [1, 2])
    func equalsTheLogAfterRandomOperations(_ seed: UInt64) async throws {
        var random = SeededGenerator(state: seed)
        let bench = try MirrorBench(segmentRows: 5_000)
        for _ in 0..<15 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let user = "user_\(Int.random(in: 0..<8, using: &random))"
                try await bench.add(Int.random(in: 1..<4_000, using: &random), user: user)
            case 5: try await bench.add(20_000, user: "crowd")
            case 6:
                try await bench.delete(user: "user_\(Int.random(in: 0..<8, using: &random))")
                try await bench.mirror.reconcile(environmentID: MirrorBench.environment)
            case 7:
                // The process ends between the deletion and what follows it.
                try await bench.delete(user: "user_\(Int.random(in: 0..<8, using: &random))")
                try bench.restart()
            case 8: try bench.restart()
            default: break
            }
            let snapshot = try await bench.snapshot()
            #expect(try await bench.digest(of: snapshot.files) == bench.logDigest())
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: bench.path)
        let files = try await bench.snapshot().files.map { $0.split(separator: "/").last.map(String.init) ?? "" }
        #expect(Set(names) == Set(files + ["manifest.json"]))
    }

    @Test func filesStayFewAndNoRowIsWrittenOften() {
        var counts: [Int] = []
        var written = 0
        for _ in 0..<20_000 {
            let kept = EnvironmentMirror.keptSegments(counts, adding: 100, segmentRows: 1_000_000)
            let merged = counts[kept...].reduce(100, +)
            counts.replaceSubrange(kept..., with: [merged])
            written += merged
        }
        #expect(counts.count < 20 && counts.allSatisfy { $0 <= 1_000_000 })
        #expect(counts.reduce(0, +) == 2_000_000)
        #expect(written < 30 * 2_000_000)
    }

    @Test func filesStayWhileTheyAreRead() async throws {
        let bench = try MirrorBench()
        try await bench.add(10, user: "zoe")
        var old: MirrorSnapshot? = try await bench.snapshot()
        let files = old?.files ?? []
        let digest = try await bench.digest(of: files)
        try await bench.add(1)
        try await bench.delete(user: "zoe")
        try await bench.mirror.reconcile(environmentID: MirrorBench.environment)
        #expect(try await bench.snapshot().rowCount == 1)
        #expect(try await bench.digest(of: files) == digest)
        old = nil
        #expect(files.allSatisfy { !FileManager.default.fileExists(atPath: $0) })
    }

    @Test func nothingOfTheDeletedStaysInTheFiles() async throws {
        let bench = try MirrorBench()
        let secret = "zz-whoever-is-forgotten"
        for _ in 0..<5 {
            try await bench.add(100)
            try await bench.add(3, user: secret)
            _ = try await bench.snapshot()
        }
        // Statistics in a file's foot are not packed.
        #expect(try Self.bytes(in: bench.path).firstRange(of: Array(secret.utf8.prefix(8))) != nil)
        try await bench.delete(user: secret)
        try await bench.mirror.reconcile(environmentID: MirrorBench.environment)
        #expect(try Self.bytes(in: bench.path).firstRange(of: Array(secret.utf8.prefix(8))) == nil)
        #expect(try await bench.snapshot().rowCount == 500)
    }

    @Test func anEnvironmentThatIsGoneLeavesNothing() async throws {
        let bench = try MirrorBench()
        try await bench.add(10)
        _ = try await bench.snapshot()
        await bench.mirror.deleteAll(environmentID: MirrorBench.environment)
        #expect(!FileManager.default.fileExists(atPath: bench.path))
        // Nobody has asked for it since the process began.
        _ = try await bench.snapshot()
        try bench.restart()
        await bench.mirror.deleteAll(environmentID: MirrorBench.environment)
        #expect(!FileManager.default.fileExists(atPath: bench.path))
    }

    enum Damage: String, CaseIterable {
        case manifestGone, manifestCut, manifestOfOtherColumns, fileGone, fileCut, leftovers
        case manifestOfAbsurdRows, manifestOfAbsurdNumber, fileFlipped, fileExchanged
    }

    @Test(arguments: Damage.allCases)
    func isMadeAnewWhenDamaged(_ damage: Damage) async throws {
        let bench = try MirrorBench(segmentRows: 5_000)
        try await bench.add(20_000)
        let files = try await bench.snapshot().files
        #expect(files.count > 1)
        let manifest = "\(bench.path)/manifest.json"
        let text = String(decoding: try Data(contentsOf: URL(filePath: manifest)), as: UTF8.self)
        switch damage {
        case .manifestGone: try FileManager.default.removeItem(atPath: manifest)
        case .manifestCut: try Data(text.utf8.prefix(100)).write(to: URL(filePath: manifest))
        case .manifestOfOtherColumns:
            try Data(text.replacing("user_id VARCHAR", with: "user_id BLOB").utf8).write(to: URL(filePath: manifest))
        case .manifestOfAbsurdRows:
            let absurd = text.replacing(/"rows":\d+/, with: "\"rows\":\(Int64.max)")
            try Data(absurd.utf8).write(to: URL(filePath: manifest))
        case .manifestOfAbsurdNumber:
            let absurd = text.replacing(/"next_number":\d+/, with: "\"next_number\":\(Int64.max)")
            try Data(absurd.utf8).write(to: URL(filePath: manifest))
        case .fileFlipped: try Self.flip(files[1])
        case .fileExchanged:
            // Right in itself, and of the right size once it is filled up.
            let other = try Data(contentsOf: URL(filePath: files[0]))
            let size = try Data(contentsOf: URL(filePath: files[1])).count
            try Data((other + Data(count: size)).prefix(size)).write(to: URL(filePath: files[1]))
        case .fileGone: try FileManager.default.removeItem(atPath: files[1])
        case .fileCut: try FileHandle(forWritingTo: URL(filePath: files[1])).truncate(atOffset: 100)
        case .leftovers:
            for name in ["events-00000099.parquet", "events-00000100.parquet.part", "manifest.json.part"] {
                try Data("left".utf8).write(to: URL(filePath: "\(bench.path)/\(name)"))
            }
        }
        try bench.restart()
        let snapshot = try await bench.snapshot()
        #expect(try await bench.digest(of: snapshot.files) == bench.logDigest())
        let names = try FileManager.default.contentsOfDirectory(atPath: bench.path)
        #expect(names.count == snapshot.files.count + 1)
    }

    @Test func writesOverNoFileThatIsThere() async throws {
        let bench = try MirrorBench(segmentRows: 5_000)
        try await bench.add(20_000)
        _ = try await bench.snapshot()
        let manifest = URL(filePath: "\(bench.path)/manifest.json")
        let text = String(decoding: try Data(contentsOf: manifest), as: UTF8.self)
        let early = text.replacing(/"next_number":\d+/, with: "\"next_number\":1")
        #expect(early != text)
        try Data(early.utf8).write(to: manifest)
        try bench.restart()
        try await bench.add(20_000)
        let snapshot = try await bench.snapshot()
        #expect(Set(snapshot.files).count == snapshot.files.count)
        #expect(try await bench.digest(of: snapshot.files) == bench.logDigest())
    }

    @Test func losesWhatTheLogHasLost() async throws {
        let bench = try MirrorBench()
        try await bench.add(50)
        _ = try await bench.snapshot()
        // As when the end of a damaged log was given up.
        try await bench.store.readers.run { connection in
            try connection.execute("DELETE FROM lake.main.events_1 WHERE occurred_at > TIMESTAMP '2024-05-01 00:40:00'")
        }
        try bench.restart()
        #expect(try await bench.snapshot().rowCount == 40)
        #expect(bench.mirror.doubt(environmentID: MirrorBench.environment))
        #expect(try await bench.snapshot().rowCount == 40)
    }

    /// Events of a commit that was answered as failed are taken out again, and may have been copied meanwhile.
    @Test func losesWhatTheWriterHasTakenOut() async throws {
        let bench = try MirrorBench()
        try await bench.add(10)
        try await bench.add(5, user: "doubtful")
        #expect(try await bench.snapshot().rowCount == 15)
        try await bench.store.readers.run { connection in
            try connection.execute("DELETE FROM lake.main.events_1 WHERE user_id = 'doubtful'")
        }
        #expect(try await bench.snapshot().rowCount == 15)
        bench.store.withdrawals.add(1, ordering: .acquiringAndReleasing)
        let snapshot = try await bench.snapshot()
        #expect(snapshot.rowCount == 10)
        #expect(try await bench.digest(of: snapshot.files) == bench.logDigest())
    }

    /// While the process lives: nobody reads a file again and again that was right once.
    @Test func whatIsDoubtedIsLookedAtOnce() async throws {
        let bench = try MirrorBench(segmentRows: 5_000)
        try await bench.add(20_000)
        let before = try await bench.snapshot().files
        try Self.flip(before[1])
        #expect(try await bench.snapshot().files == before)
        #expect(bench.mirror.doubt(environmentID: MirrorBench.environment))
        let after = try await bench.snapshot()
        #expect(after.files.count == before.count && Set(after.files).intersection(before).count == before.count - 1)
        #expect(try await bench.digest(of: after.files) == bench.logDigest())
        #expect(!bench.mirror.doubt(environmentID: MirrorBench.environment))
    }

    private static func flip(_ path: String) throws {
        var bytes = try Data(contentsOf: URL(filePath: path))
        bytes[bytes.count / 2] ^= 0x10
        try bytes.write(to: URL(filePath: path))
    }

    @Test func manyAskAtOnceAndEachSeesWhatCameBefore() async throws {
        let bench = try MirrorBench()
        for round in 1...5 {
            try await bench.add(100)
            let mirror = bench.mirror
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await mirror.snapshot(environmentID: MirrorBench.environment, waitingSeconds: 60).rowCount
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts == [Int](repeating: 100 * round, count: 20))
        }
    }

    @Test func whoeverCannotWaitIsToldHowFarItIs() async throws {
        let bench = try MirrorBench(segmentRows: 5_000)
        try await bench.add(40_000)
        await #expect(throws: MirrorError.self) {
            _ = try await bench.mirror.snapshot(environmentID: MirrorBench.environment, waitingSeconds: 0)
        }
        #expect(try await bench.snapshot().rowCount == 40_000)
    }

    @Test func stoppingEndsWhatIsUnderWay() async throws {
        let bench = try MirrorBench(segmentRows: 5_000)
        try await bench.add(200_000)
        let mirror = bench.mirror
        let waiting = Task { try await mirror.snapshot(environmentID: MirrorBench.environment, waitingSeconds: 600) }
        while (try? FileManager.default.contentsOfDirectory(atPath: bench.path).isEmpty) ?? true {
            try await Task.sleep(for: .milliseconds(1))
        }
        mirror.stop()
        await #expect(throws: (any Error).self) { try await waiting.value }
        for environment in [MirrorBench.environment, MirrorBench.environment + 1] {
            await #expect(throws: CancellationError.self) {
                try await mirror.snapshot(environmentID: environment, waitingSeconds: 600)
            }
        }
        // Deletions are followed all the same.
        try await mirror.reconcile(environmentID: MirrorBench.environment)
        try bench.restart()
        let snapshot = try await bench.snapshot()
        #expect(snapshot.rowCount == 200_000)
        #expect(try await bench.digest(of: snapshot.files) == bench.logDigest())
    }

    @Test func failsWhereItCannotWriteAndGoesOnAfterwards() async throws {
        let bench = try MirrorBench()
        try await bench.add(10)
        try Data().write(to: URL(filePath: bench.path))
        await #expect(throws: (any Error).self) { _ = try await bench.snapshot() }
        try FileManager.default.removeItem(atPath: bench.path)
        #expect(try await bench.snapshot().rowCount == 10)
    }

    private static func bytes(in folder: String) throws -> [UInt8] {
        try FileManager.default.contentsOfDirectory(atPath: folder).flatMap { name in
            Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name)")))
        }
    }
}

/// Numbers that are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
