import DuckDB
import Foundation
import TestSupport
import Testing
import Time

@testable import EventMirror
@testable import EventStore

/// The mirror of experiment events holds what their log holds.
@Suite struct ExperimentMirrorTests {
    @Test func holdsARowForEachExperience() async throws {
        let bench = try MirrorBench()
        #expect(try await bench.experimentSnapshot().files == [])
        try await bench.addExperimentEvents(1..<6)
        #expect(try await bench.experimentSnapshot().rowCount == 10)
        try await bench.addExperimentEvents(6..<8)
        let snapshot = try await bench.experimentSnapshot()
        #expect(snapshot.rowCount == 14)
        let columns = try await bench.store.readers.run { connection in
            try connection.execute(ShownTable.experimentEvents.createStatement(files: snapshot.files))
            return try connection.query(
                "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM experiment_events)"
            ).map { [try $0.string(0, $1) ?? "", try $0.string(1, $1) ?? ""] }
        }
        #expect(columns == ShownTable.experimentEvents.columns.map { [$0.name, $0.type] })
        #expect(!columns.contains { $0[0] == "environment_id" })
        let other = try await bench.mirror.snapshot(
            of: .experimentEvents, environmentID: MirrorBench.environment + 1, waitingSeconds: 60)
        #expect(other.files == [])
        // Events of products are mirrored for themselves.
        #expect(try await bench.snapshot().rowCount == 0)
    }

    /// What waited for the log comes behind what was decided on later.
    @Test func holdsWhatCameLate() async throws {
        let bench = try MirrorBench()
        try await bench.addExperimentEvents(10..<12)
        try await bench.addExperimentEvents(20..<22)
        #expect(try await bench.experimentSnapshot().rowCount == 8)
        try await bench.addExperimentEvents(15..<16)
        #expect(try await bench.experimentSnapshot().rowCount == 10)
        try bench.restart()
        try await bench.addExperimentEvents(5..<6)
        #expect(try await bench.experimentSnapshot().rowCount == 12)
    }

    /// What one process left waiting, the next one stores, behind what was stored before it.
    @Test func holdsWhatCameLateFromAnEarlierProcess() async throws {
        let folder = try TemporaryFolder()
        for numbers in [[90..<91], [50..<51, 70..<71, 95..<96]] {
            let bench = try MirrorBench(log: folder.file("events.duckdb"))
            for number in numbers {
                _ = try await bench.experimentSnapshot()
                try await bench.addExperimentEvents(number)
            }
            #expect(try await bench.experimentSnapshot().rowCount == (numbers.count == 1 ? 2 : 8))
        }
    }

    /// Between the last file and the end of the log there may be nothing of an environment at first.
    @Test func holdsWhatCameLateBehindItsLastFile() async throws {
        let bench = try MirrorBench()
        try await bench.addExperimentEvents(1..<2)
        #expect(try await bench.experimentSnapshot().rowCount == 2)
        try await bench.store.append([
            ExperimentEvent(
                id: EventIdentifier(value: 50), environmentID: 99, projectID: 9, kind: .viewExperience,
                occurredAt: .earliest, receivedAt: .earliest, visitorID: "other", assignments: [])
        ])
        #expect(try await bench.experimentSnapshot().rowCount == 2)
        try await bench.addExperimentEvents(30..<31)
        #expect(try await bench.experimentSnapshot().rowCount == 4)
    }

    @Test func nothingOfTheDeletedStaysInTheFiles() async throws {
        let bench = try MirrorBench()
        try await bench.addExperimentEvents(1..<100)
        try await bench.addExperimentEvents(100..<103, visitor: "zz-whoever-is-forgotten")
        #expect(try await bench.experimentSnapshot().rowCount == 204)
        try await bench.delete(user: "zz-whoever-is-forgotten")
        try await bench.mirror.reconcile(environmentID: MirrorBench.environment)
        let path = "\(bench.path)-experiment_events"
        for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            let bytes = try Data(contentsOf: URL(filePath: "\(path)/\(name)"))
            #expect(bytes.firstRange(of: Data("zz-whoev".utf8)) == nil)
        }
        #expect(try await bench.experimentSnapshot().rowCount == 198)
        await bench.mirror.deleteAll(environmentID: MirrorBench.environment)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func whatAnEarlierProcessLeftIsLookedAt() async throws {
        let bench = try MirrorBench()
        try await bench.addExperimentEvents(1..<3)
        _ = try await bench.experimentSnapshot()
        let left = "\(bench.path)-experiment_events/events-00000099.parquet"
        try Data("left".utf8).write(to: URL(filePath: left))
        try bench.restart()
        #expect(!FileManager.default.fileExists(atPath: left))
        #expect(try await bench.experimentSnapshot().rowCount == 4)
    }
}
