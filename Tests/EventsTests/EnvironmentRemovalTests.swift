import ControlStore
import EventStore
import Events
import Foundation
import JSON
import Synchronization
import Testing

@testable import Jobs

@Suite struct EnvironmentRemovalTests {
    @Test func everythingOfTheEnvironmentGoesAndNothingElse() async throws {
        try await IngestionRig().use { rig in
            let other = EventStream(environmentID: 2, projectID: 1, appToken: "NX-2")
            let sample: JSONValue = ["event_name": "e", "user_id": "u"]
            for stream in [IngestionRig.stream, other, IngestionRig.stream] {
                let body = try JSONDocument(parsing: sample.encoded())
                _ = try await rig.ingestion.record(
                    .track, body.root, in: stream, surface: .userpilot, idempotencyKey: nil)
            }
            let upload = try await rig.uploads.submit(
                Array(#"{"user_id":"u","event_name":"e","event_type":"track"}"#.utf8), kind: .importEvents,
                isJSONList: false, fileName: "a.ndjson", stream: IngestionRig.stream)
            let uploads = FileManager.default
            let path = try #require(
                try await rig.jobs.list(kinds: [upload.kind.rawValue], environmentID: 1).first?.payload["path"]?.string)
            #expect(uploads.fileExists(atPath: path))

            let removal = EnvironmentRemoval(jobs: rig.jobs, clock: IngestionRig.clock)
            try await rig.control.write { database in
                try removal.schedule(environments: [1], project: 9, in: database)
                try database.execute(sql: "DELETE FROM environments WHERE id = 1")
            }
            #expect(try await rig.jobs.claim(kind: EnvironmentRemoval.jobKind, leaseSeconds: 60) == nil)
            try await rig.control.write { try $0.execute(sql: "UPDATE jobs SET run_at = 0") }
            let keeper = NotingKeeper()
            try await rig.runJob(
                EnvironmentRemoval.jobKind,
                EnvironmentRemovalHandler(
                    store: rig.store, feed: rig.feed, erasure: rig.erasure,
                    others: EnvironmentKeepers(
                        contents: [keeper, keeper], projectContents: [keeper], jobFiles: keeper, projectFiles: keeper)))
            #expect(try await rig.column("SELECT environment_id::VARCHAR FROM lake.main.events") == ["2"])
            let told = keeper.told.withLock { $0 }
            #expect(told.count == 5 && told.prefix(2) == ["environment 1", "environment 1"])
            #expect(told.suffix(2) == ["project 9", "files of project 9"])
            #expect(!uploads.fileExists(atPath: path))
        }
    }

    @Test func aTransactionThatFailsQueuesNothing() async throws {
        try await IngestionRig().use { rig in
            let removal = EnvironmentRemoval(jobs: rig.jobs, clock: IngestionRig.clock)
            await #expect(throws: CancellationError.self) {
                try await rig.control.write { database in
                    try removal.schedule(environments: [1], project: 9, in: database)
                    throw CancellationError()
                }
            }
            let queued = try await rig.jobs.unfinishedCount(kind: EnvironmentRemoval.jobKind)
            #expect(queued == 0)
        }
    }
}

/// Notes what it is to remove.
private final class NotingKeeper: EnvironmentContents, ProjectContents, JobFiles, ProjectFiles {
    let told = Mutex<[String]>([])

    func deleteAll(environmentID: Int64) { note("environment \(environmentID)") }
    func removeFiles(jobID: String) { note("job \(jobID)") }
    func deleteAll(projectID: Int64) { note("project \(projectID)") }
    func removeFiles(projectID: Int64) { note("files of project \(projectID)") }

    private func note(_ text: String) { told.withLock { $0.append(text) } }
}
