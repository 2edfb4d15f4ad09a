import ControlStore
import EventStore
import Events
import Foundation
import GRDB
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
            try await rig.control.database.write { database in
                try removal.schedule(environments: [1], project: 9, in: database)
                try database.execute(sql: "DELETE FROM environments WHERE id = 1")
            }
            #expect(try await rig.jobs.claim(kind: EnvironmentRemoval.jobKind, leaseSeconds: 60) == nil)
            try await rig.control.database.write { try $0.execute(sql: "UPDATE jobs SET run_at = 0") }
            let told = Mutex<[String]>([])
            try await rig.runJob(
                EnvironmentRemoval.jobKind,
                EnvironmentRemovalHandler(
                    store: rig.store, feed: rig.feed, erasure: rig.erasure,
                    removers: EnvironmentRemovalHandler.Removers(
                        profiles: { id in told.withLock { $0.append("\(id)") } },
                        jobFiles: { id in told.withLock { $0.append(id) } },
                        projectFiles: { id in told.withLock { $0.append("project \(id)") } })))
            #expect(try await rig.column("SELECT environment_id::VARCHAR FROM lake.main.events") == ["2"])
            #expect(told.withLock { $0.first } == "1" && told.withLock { $0.last } == "project 9")
            #expect(told.withLock { $0.count } == 3)
            #expect(!uploads.fileExists(atPath: path))
        }
    }

    @Test func aTransactionThatFailsQueuesNothing() async throws {
        try await IngestionRig().use { rig in
            let removal = EnvironmentRemoval(jobs: rig.jobs, clock: IngestionRig.clock)
            await #expect(throws: CancellationError.self) {
                try await rig.control.database.write { database in
                    try removal.schedule(environments: [1], project: 9, in: database)
                    throw CancellationError()
                }
            }
            let queued = try await rig.jobs.unfinishedCount(kind: EnvironmentRemoval.jobKind)
            #expect(queued == 0)
        }
    }
}
