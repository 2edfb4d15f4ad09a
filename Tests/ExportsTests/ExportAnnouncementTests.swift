import ControlStore
import JSON
import TestSupport
import Testing

@testable import Exports
@testable import Jobs

/// Who waits for an export is told of its end.
struct ExportAnnouncementTests {
    private func announced(_ rig: ExportRig, environment: Int64) async throws -> [JSONObject] {
        try await rig.control.read { database in
            try Announcement.page(.exportFinished, environmentID: environment, behind: 0, limit: 10, from: database)
                .map(\.content)
        }
    }

    @Test func finishedAndFailedOnesAreAnnouncedInTheirEnvironment() async throws {
        let rig = try ExportRig()
        let announcements = ExportAnnouncements { _, _, _ in 2 }
        let jobs = JobStore(store: rig.control, clock: rig.hand.clock, endings: announcements.endings)
        func end(_ job: NewJob, failing reason: String? = nil) async throws {
            try await jobs.enqueue(job)
            let lease = try #require(try await jobs.claim(kind: job.kind, leaseSeconds: 60)).lease
            if let reason { try await jobs.fail(lease, error: reason) }
            if reason == nil { try await jobs.complete(lease, result: ["snapshot": "0"]) }
        }
        let events = NewJob(kind: ExportJobHandler.jobKind, environmentID: 1, payload: NoPayload())
        try await end(events)
        try await end(events, failing: "too much")
        let told = try await announced(rig, environment: 1).compactMap { $0["export"] }
        #expect(told.map { $0["status"] } == ["completed", "failed"])
        #expect(told.map { $0["failure_reason"] } == [.null, "too much"])
        #expect(told.allSatisfy { $0["kind"] == "events" && $0["files"] == 0 })
        let request = ExperimentExportRequest(projectID: 1, experienceID: 5, goalIDs: [], emails: ["ann@example.com"])
        try await end(
            NewJob(
                kind: ExperimentExportJobHandler.jobKind, environmentID: nil, holder: .project(1), payload: request))
        let other = try #require(try await announced(rig, environment: 2).first?["export"])
        #expect(other["kind"] == "experiment_events" && other["experience_id"] == 5)
        #expect(!other.encodedString.contains("ann@example.com"))
    }
}
