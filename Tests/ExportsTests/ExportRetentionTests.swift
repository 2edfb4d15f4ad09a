import BlobStore
import EventStore
import Jobs
import TestSupport
import Testing
import Time

@testable import Exports

@Suite struct ExportRetentionTests {
    private static let request = ExportRequest(from: .day("2025-03-01"), to: .day("2025-05-31"))
    private static let day: Int64 = 86_400

    private func verdict(_ link: String, _ rig: ExportRig) -> SignatureVerdict {
        let parts = link.split(separator: "?", maxSplits: 1).map(String.init)
        return rig.blobs.verify(path: parts[0], query: parts.count > 1 ? parts[1] : "", now: rig.hand.now)
    }

    @Test func linksLiveForTwoDays() async throws {
        let rig = try ExportRig(SampleEvent.varied)
        let export = try await rig.finish(Self.request)
        let links = try rig.service.links(of: export).map(\.url)
        let manifest = try #require(try rig.service.manifestURL(of: export))
        #expect(links.count == 4)
        for (link, file) in zip(links, export.files) {
            guard case .valid(let blob) = verdict(link, rig) else {
                Issue.record("\(link)")
                continue
            }
            #expect(blob.key.path == "exports/\(export.id)/\(file.name)")
            #expect(verdict(link.replacing("/\(file.name)", with: "/other.json.gz"), rig) == .invalid)
        }
        rig.hand.advance(seconds: 2 * Self.day - 1)
        // Asking again gives the same links: their life is not prolonged.
        let again = try await rig.find(export.id)
        #expect(try rig.service.links(of: again).map(\.url) == links)
        for link in links + [manifest] {
            guard case .valid = verdict(link, rig) else {
                Issue.record("\(link) died early")
                continue
            }
        }
        rig.hand.advance(seconds: 1)
        for link in links + [manifest] { #expect(verdict(link, rig) == .expired) }
        #expect(try await rig.service.find(export.id, environmentID: 1) != nil)
    }

    @Test func exportsVanishAfterThreeDaysWithTheirFiles() async throws {
        let rig = try ExportRig(SampleEvent.varied)
        let old = try await rig.finish(Self.request)
        rig.hand.advance(seconds: Self.day)
        let young = try await rig.finish(Self.request)
        rig.hand.advance(seconds: 2 * Self.day - 1)
        try await rig.removeExpired()
        #expect(try await rig.service.list(environmentID: 1).map(\.id) == [young.id, old.id])
        rig.hand.advance(seconds: 1)
        // Out of sight at once, whenever the cleaning comes.
        #expect(try await rig.service.find(old.id, environmentID: 1) == nil)
        #expect(try await rig.service.list(environmentID: 1).map(\.id) == [young.id])
        rig.hand.advance(seconds: 1)
        try await rig.removeExpired()
        #expect(try await rig.blobs.list(prefix: BlobKey("exports/\(old.id)")).isEmpty)
        #expect(try await rig.blobs.list(prefix: BlobKey("exports/\(young.id)")).count == 5)
        #expect(try await rig.jobs.find(old.id, environmentID: 1) == nil)
        #expect(try await rig.names(of: rig.find(young.id)).count == 9)
    }

    @Test func failedExportsVanishToo() async throws {
        let rig = try ExportRig()
        var request = Self.request
        request.segmentID = 1
        let failed = try await rig.finish(request)
        #expect(failed.status == .failed)
        rig.hand.advance(seconds: 3 * Self.day + 1)
        try await rig.removeExpired()
        #expect(try await rig.jobs.find(failed.id, environmentID: 1) == nil)
    }

    @Test func anUnfinishedExportIsNeverRemoved() async throws {
        let rig = try ExportRig()
        let waiting = try await rig.start(Self.request)
        rig.hand.advance(seconds: 30 * Self.day)
        try await rig.removeExpired()
        #expect(try await rig.find(waiting.id).status == .inProgress)
    }

    @Test func oneExportAtATimeForEachEnvironment() async throws {
        let rig = try ExportRig(SampleEvent.varied)
        let first = try await rig.start(Self.request)
        await #expect(throws: JobError.alreadyRunning(jobID: first.id)) { try await rig.start(Self.request) }
        let other = EventStream(environmentID: 2, projectID: 1, appToken: "NX-2")
        let second = try await rig.start(Self.request, in: other)
        try await rig.runJob(rig.handler())
        let third = try await rig.start(Self.request)
        #expect(Set([first.id, second.id, third.id]).count == 3)
        #expect(try await rig.service.find(second.id, environmentID: 1) == nil)
        #expect(try await rig.service.list(environmentID: 2).map(\.id) == [second.id])
    }
}
