import BlobStore
import EventStore
import Foundation
import Synchronization
import TestSupport
import Testing
import Time

@testable import Exports

@Suite struct ExportResumptionTests {
    private static let request = ExportRequest(from: .day("2025-03-01"), to: .day("2025-05-31"))

    /// Four files and a manifest are published: a process may die before or after each.
    @Test(arguments: 1...5, [false, true])
    func anExportThatIsCutOffGoesOn(dying: Int, afterwards: Bool) async throws {
        let rig = try ExportRig(SampleEvent.varied)
        let whole = try await rig.finish(Self.request)
        let started = try await rig.start(Self.request)
        let interrupted = InterruptedBlobStore(rig.blobs, dying: dying, diesAfterwards: afterwards)
        await #expect(throws: InterruptedBlobStore.Death.self) {
            try await rig.runJob(rig.handler(blobs: interrupted))
        }
        let half = try await rig.find(started.id)
        #expect(half.status == .inProgress)
        #expect(half.files.count == min(dying - 1, 4))
        #expect(try rig.service.links(of: half).isEmpty)
        // What arrives while nobody works is not part of the export.
        try rig.commit([SampleEvent(name: "late", user: "u", at: "2025-04-08")])
        let rest = InterruptedBlobStore(rig.blobs)
        try await rig.runJob(rig.handler(blobs: rest))
        let resumed = try await rig.find(started.id)
        #expect(resumed.status == .completed)
        #expect(resumed.files.map(\.name) == whole.files.map(\.name))
        #expect(resumed.files.map(\.rowCount) == whole.files.map(\.rowCount))
        #expect(try await rig.rows(of: resumed) == (try await rig.rows(of: whole)))
        // Finished files are not written again.
        #expect(rest.publications == 5 - min(dying - 1, 4))
        let stored = try await rig.blobs.list(prefix: BlobKey("exports/\(started.id)"))
        #expect(Set(stored.map(\.key.name)) == Set(whole.files.map(\.name) + ["manifest.json"]))
        let leftovers = try FileManager.default.contentsOfDirectory(atPath: rig.folder.path)
        #expect(!leftovers.contains { $0.contains(started.id) })
    }

    @Test func whatIsCommittedLaterIsNotInTheExport() async throws {
        let rig = try ExportRig([
            SampleEvent(name: "in", user: "u", at: "2025-04-08"), SampleEvent(name: "in", user: "u", at: "2025-05-08"),
        ])
        let started = try await rig.start(Self.request)
        let blobs = InterruptedBlobStore(rig.blobs) { _ in
            try rig.commit([
                SampleEvent(name: "out", user: "u", at: "2025-04-09"),
                SampleEvent(name: "out", user: "u", at: "2025-05-07"),
                SampleEvent(name: "out", user: "u", at: "2025-05-20"),
            ])
        }
        try await rig.runJob(rig.handler(blobs: blobs))
        #expect(try await rig.names(of: rig.find(started.id)) == ["in", "in"])
        #expect(try await rig.names(of: rig.finish(Self.request)).count == 2 + 3 * 3)
    }

    @Test func countsAreThoseOfTheFilesThoughEventsAreDeletedMeanwhile() async throws {
        let rig = try ExportRig([
            SampleEvent(name: "1", user: "stays", at: "2025-04-08"),
            SampleEvent(name: "2", user: "goes", at: "2025-05-08"),
            SampleEvent(name: "3", user: "stays", at: "2025-05-08"),
            SampleEvent(name: "4", user: "goes", at: "2025-05-20"),
        ])
        let started = try await rig.start(Self.request)
        let last = try #require(try await rig.store.end())
        let blobs = InterruptedBlobStore(rig.blobs) { number in
            guard number == 1 else { return }
            _ = try await rig.store.deleteEvents(of: .users, ids: ["goes"], environmentID: 1, upTo: last)
        }
        try await rig.runJob(rig.handler(blobs: blobs))
        let export = try await rig.find(started.id)
        #expect(try await rig.names(of: export) == ["1", "3"])
        #expect(export.files.map(\.name) == ["2025-04-07.json.gz", "2025-05-05.json.gz"])
        #expect(export.files.map(\.rowCount) == [1, 1])
    }

    @Test func theAudienceSettlesBeforeTheSnapshotIsTaken() async throws {
        let rig = try ExportRig()
        let audience = FixedAudience {
            try rig.commit([SampleEvent(name: "settled", user: "u", at: "2025-04-08")])
        }
        #expect(try await rig.names(of: rig.finish(Self.request, audience)) == ["settled"])
    }

    @Test func anExportOfNothingIsComplete() async throws {
        for events in [[], SampleEvent.varied] {
            let rig = try ExportRig(events)
            var request = ExportRequest(from: .day("2020-01-31"), to: .day("2020-03-01"))
            request.emails = ["a@example.com"]
            let export = try await rig.finish(request)
            #expect(export.status == .completed)
            #expect(export.files.isEmpty)
            #expect(export.chunks.map(\.description) == ["2020-01-01", "2020-02-01", "2020-03-01"])
            #expect(export.completedChunks == export.chunks.map(\.description))
            #expect(try rig.service.links(of: export).isEmpty)
            #expect(try rig.service.manifestURL(of: export) != nil)
        }
    }

    @Test func progressIsVisibleWhileItRuns() async throws {
        let rig = try ExportRig(SampleEvent.varied)
        let started = try await rig.start(Self.request)
        #expect(started.status == .inProgress)
        #expect(started.chunks.map(\.description) == ["2025-03-01", "2025-04-01", "2025-05-01"])
        let seen = Mutex<[String]>([])
        let blobs = InterruptedBlobStore(rig.blobs) { _ in
            let export = try await rig.find(started.id)
            seen.withLock {
                $0.append("\(export.completedChunks.count) \(export.currentChunk ?? "") \(export.files.count)")
            }
        }
        try await rig.runJob(rig.handler(blobs: blobs))
        #expect(
            seen.withLock { $0 }.prefix(4) == ["0 2025-03-01 0", "1 2025-04-01 1", "1 2025-04-01 2", "2 2025-05-01 3"])
        _ = try await rig.find(started.id)
    }
}
