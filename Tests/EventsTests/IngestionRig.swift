import ControlStore
import DuckDB
import EventStore
import Foundation
import JSON
import Logging
import StoreTestSupport
import TestSupport
import Time
import UserpilotAPI

@testable import Events
@testable import Jobs

/// The rooms below ingestion, in a folder of their own: an event store with its writer, and jobs.
struct IngestionRig {
    let folder: TemporaryFolder
    let control: ControlStore
    let jobs: JobStore
    let store: EventStore
    let feed: ProjectionFeed
    let writer: EventWriter
    let rejections: IngestionRejections

    /// 2025-06-15T15:06:40Z
    static let now = Timestamp(seconds: 1_750_000_000)
    static let clock = WallClock { now }
    static let stream = EventStream(environmentID: 1, projectID: 1, appToken: "NX-1")
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        let temporary = try TemporaryStore()
        folder = temporary.folder
        control = temporary.store
        jobs = JobStore(store: control, clock: Self.clock)
        store = try EventStore(path: folder.file("events.duckdb"), logger: Self.logger)
        feed = ProjectionFeed(projections: [], logger: Self.logger)
        writer = try EventWriter(store: store, feed: feed, clock: Self.clock, logger: Self.logger)
        rejections = IngestionRejections(store: control)
    }

    var ingestion: Ingestion {
        Ingestion(writer: writer, clock: Self.clock, rejections: rejections, form: UserpilotEvents())
    }

    var erasure: ErasureService { ErasureService(jobs: jobs, clock: Self.clock) }

    var uploads: UploadService { UploadService(jobs: jobs, directory: folder.path, clock: Self.clock) }

    /// Lets a body use the rig while projections run, then ends everything in order.
    func use(_ body: (IngestionRig) async throws -> Void) async throws {
        let run = Task { await feed.run() }
        do {
            try await body(self)
        } catch {
            await end(run)
            throw error
        }
        await end(run)
    }

    private func end(_ run: Task<Void, Never>) async {
        await writer.stop()
        run.cancel()
        await run.value
    }

    /// The first column of a query, as text.
    func column(_ sql: String) async throws -> [String?] {
        try await store.readers.run { connection in
            let rows = try connection.query(sql)
            var values: [String?] = []
            while let chunk = try rows.next() {
                for row in 0..<chunk.count { values.append(try chunk.string(0, row)) }
            }
            return values
        }
    }

    /// Runs the oldest due job of a kind once, as the worker would.
    /// - Parameter finishes: false for a process that dies between the handler's end and the note of it.
    func runJob(_ kind: String, _ handler: some JobHandler, finishes: Bool = true) async throws {
        guard let (job, lease) = try await jobs.claim(kind: kind, leaseSeconds: 60) else { throw NoJob() }
        let context = JobContext(job: job, lease: lease, jobs: jobs)
        do {
            try await handler.run(context)
            if finishes { try await jobs.complete(lease, result: context.result) }
        } catch let failure as PermanentJobFailure {
            try await jobs.fail(lease, error: failure.reason)
        }
    }

    struct NoJob: Error {}

    /// Puts back what a process left running when it died.
    /// - Parameter progress: how far it had noted that it came; nil leaves what the job says.
    func restart(progress: JSONValue? = nil, ofJob id: String) async throws {
        try await control.write { database in
            if let progress {
                try database.execute(
                    sql: "UPDATE jobs SET progress = ? WHERE id = ?", arguments: [progress.encodedString, id])
            }
        }
        _ = try await jobs.recover(expiredOnly: false, crashLimit: 5)
    }
}

extension UploadKind {
    /// Reads a row of a file of this kind.
    func decode(_ row: JSONNode, into builder: inout EventBatchBuilder) throws(EventRejection) {
        let call = call(in: IngestionRig.stream, now: IngestionRig.now)
        try UserpilotEvents().decode(row, call, derivedEventID: "d", into: &builder)
    }
}
