import BlobStore
import DuckDB
import Foundation
import JSON
import Jobs
import Notices
import Synchronization
import TestSupport
import Testing
import Time

@testable import EventStore
@testable import Exports

/// Exports of what visitors did in an experience.
@Suite struct ExperimentExportTests {
    private let rig: ExportRig
    private let service: ExperimentExportService
    private static let request = ExperimentExportRequest(projectID: 1, experienceID: 3, goalIDs: [4])

    init() throws {
        rig = try ExportRig()
        service = ExperimentExportService(jobs: rig.jobs, blobs: rig.blobs, clock: rig.hand.clock)
    }

    private func add(
        _ id: UInt128, _ visitor: String, _ kind: ExperimentEvent.Kind = .viewExperience, at time: String,
        experience: Int64 = 3, project: Int64 = 1, goal: Int64? = nil, revenue: Double? = nil, country: String? = nil,
        devices: [String] = []
    ) async throws {
        var segments = ReportingSegments()
        segments.country = country
        segments.devices = devices
        segments.customSegments = devices.isEmpty ? [] : [8, 9]
        let time = Timestamp(time) ?? Timestamp(microseconds: 0)
        try await rig.store.append([
            ExperimentEvent(
                id: EventIdentifier(value: id), environmentID: 1, projectID: project, kind: kind, occurredAt: time,
                receivedAt: time, visitorID: visitor,
                assignments: [.init(experienceID: experience, variationID: experience * 10)], goalID: goal,
                revenue: revenue, segments: segments)
        ])
    }

    /// Four weeks of events, and others beside them.
    private func fill() async throws {
        try await add(1, "a", at: "2025-03-31T23:59:59.999999Z", country: "DE", devices: ["iPhone", "all, phones"])
        try await add(2, "=b", at: "2025-04-07T00:00:00Z", country: "PT")
        try await add(3, "a", .conversion, at: "2025-04-08T00:00:00Z", goal: 4)
        try await add(4, "a", .transaction, at: "2025-05-01T00:00:00Z", goal: 4, revenue: -9.95)
        try await add(5, "a", .conversion, at: "2025-05-02T00:00:00Z", goal: 5)
        try await add(6, "c", at: "2025-05-26T00:00:00Z")
        try await add(7, "other experience", at: "2025-04-08T00:00:00Z", experience: 2)
        try await add(8, "other project", at: "2025-04-08T00:00:00Z", project: 2)
    }

    private func handler(
        _ blobs: (any BlobStore)? = nil, removals: FixedAudience = FixedAudience()
    ) -> ExperimentExportJobHandler {
        ExperimentExportJobHandler(
            store: rig.store, blobs: blobs ?? rig.blobs, deletions: FixedAudience(), removals: removals,
            notices: ExportNotices(rig.box),
            workingDirectory: rig.folder.path, clock: rig.hand.clock)
    }

    private func find(_ id: String) async throws -> ExperimentExport {
        try #require(try await service.find(id, projectID: 1, experienceID: 3))
    }

    private func finish(_ request: ExperimentExportRequest) async throws -> ExperimentExport {
        let id = try await service.start(request)
        try await rig.runJob(handler(), kind: ExperimentExportJobHandler.jobKind)
        return try await find(id)
    }

    private func column(_ name: String, of export: ExperimentExport) async throws -> [String] {
        var cells: [String] = []
        for file in export.files {
            let path = rig.folder.file("blobs/exports/\(export.id)/\(file.name)")
            cells += try await rig.store.readers.run { connection in
                try connection.query(
                    "SELECT \(name)::VARCHAR FROM read_csv('\(path)', header = true, all_varchar = true)"
                )
                .map { chunk, row in try chunk.string(0, row) ?? "" }
            }
        }
        return cells
    }

    @Test func holdsTheEventsOfOneExperienceByWeek() async throws {
        try await fill()
        let export = try await finish(Self.request)
        #expect(export.status == .completed)
        #expect(
            export.files.map(\.name) == ["2025-03-31", "2025-04-07", "2025-04-28", "2025-05-26"].map { "\($0).csv.gz" })
        #expect(try await column("visitor_id", of: export) == ["a", "'=b", "a", "a", "c"])
        #expect(try await column("revenue", of: export) == ["", "", "", "-9.95", ""])
        #expect(try await column("devices", of: export).first == "[\"iPhone\",\"all, phones\"]")
        #expect(try await column("custom_segments", of: export).first == "[8,9]")
        #expect(try await column("occurred_at", of: export).first == "2025-03-31T23:59:59.999999Z")
        #expect(try service.links(of: export).count == 4)
        #expect(try await service.find(export.id, projectID: 2, experienceID: 3) == nil)
        #expect(try await service.find(export.id, projectID: 1, experienceID: 2) == nil)
    }

    @Test func holdsWhatIsAskedFor() async throws {
        try await fill()
        var request = Self.request
        request.kinds = [.conversion, .transaction]
        #expect(try await column("exposure_id", of: finish(request)).count == 2)
        request.goalIDs = [5]
        #expect(try await column("goal_id", of: finish(request)) == ["5"])
        request.goalIDs = []
        #expect(try await finish(request).files.isEmpty)
        request = Self.request
        request.segments.countries = ["PT", "'"]
        #expect(try await column("country", of: finish(request)) == ["PT"])
        request.segments = ExperimentSegments()
        request.segments.devices = ["all, phones", "x"]
        request.segments.customSegments = [9]
        #expect(try await column("visitor_id", of: finish(request)) == ["a"])
        request = Self.request
        request.start = Timestamp("2025-04-07T00:00:00Z")
        request.end = Timestamp("2025-05-01T00:00:00Z")
        #expect(try await column("exposure_id", of: finish(request)).count == 2)
    }

    /// Four files and a manifest are published: a process may die before or after each.
    @Test(arguments: 1...5, [false, true])
    func anExportThatIsCutOffGoesOn(dying: Int, afterwards: Bool) async throws {
        try await fill()
        let id = try await service.start(Self.request)
        let interrupted = InterruptedBlobStore(rig.blobs, dying: dying, diesAfterwards: afterwards)
        await #expect(throws: InterruptedBlobStore.Death.self) {
            try await rig.runJob(handler(interrupted), kind: ExperimentExportJobHandler.jobKind)
        }
        #expect(try await find(id).status == .inProgress)
        try await add(20, "late", at: "2025-04-08T00:00:00Z")
        let rest = InterruptedBlobStore(rig.blobs)
        try await rig.runJob(handler(rest), kind: ExperimentExportJobHandler.jobKind)
        let export = try await find(id)
        #expect(export.status == .completed)
        #expect(try await column("visitor_id", of: export) == ["a", "'=b", "a", "a", "c"])
        #expect(rest.publications == 5 - min(dying - 1, 4))
    }

    @Test func waitsForRemovals() async throws {
        try await fill()
        let id = try await service.start(Self.request)
        let waited = Mutex(0)
        let removals = FixedAudience { waited.withLock { $0 += 1 } }
        try await rig.runJob(handler(removals: removals), kind: ExperimentExportJobHandler.jobKind)
        #expect(waited.withLock(\.self) == 1)
        #expect(try await find(id).files.count == 4)
    }

    @Test func requestsOutliveTheProcess() throws {
        var request = Self.request
        request.start = Timestamp(seconds: 5)
        request.end = Timestamp(seconds: 10)
        request.kinds = [.transaction]
        request.segments.devices = ["a'b"]
        request.segments.customSegments = [7]
        request.emails = ["a@example.com"]
        request.format = .avro
        #expect(ExperimentExportRequest(payload: try JSONValue(parsing: request.json.encoded())) == request)
        #expect(request.shown["emails"] == nil)
        #expect(ExperimentExportRequest(payload: [:]) == nil)
    }

    @Test func thoseWhoAreNamedGetTheLinks() async throws {
        try await fill()
        var request = Self.request
        request.emails = ["a@example.com"]
        let export = try await finish(request)
        let job = try await rig.jobs.unfinished(kind: LetterJob.noticeKind).first
        let letter = try #require(try rig.letter(job))
        #expect(letter.text.contains("5 rows in 4 files"))
        #expect(letter.text.contains("https://sextant.example.com/blobs/exports/\(export.id)/manifest.json?"))
        let html = try #require(letter.html)
        #expect(html.contains("\"https://sextant.example.com/blobs/exports/\(export.id)/manifest.json?"))
        // What opens the files is not in the store as it is.
        #expect(job?.payload.encodedString.contains("manifest") == false)
    }

    @Test func exportsOfProductsHoldThemByName() async throws {
        try await fill()
        try rig.commit([SampleEvent(name: "bought", user: "a", at: "2025-04-08")])
        var request = ExportRequest(from: .day("2025-03-01"), to: .day("2025-05-31"), format: .csv)
        #expect(try await rig.finish(request).files.reduce(0) { $0 + $1.rowCount } == 1)
        request.experimentKinds = [.transaction, .viewExperience]
        #expect(ExportRequest(json: try JSONValue(parsing: request.json.encoded())) == request)
        let rows = try await rig.rows(of: rig.finish(request), format: .csv)
        #expect(rows.map { $0["event_type"] }.filter { $0 == "view_experience" }.count == 5)
        let bought = try #require(rows.first { $0["event_type"] == "transaction" })
        #expect(bought["user_id"] == "a" && bought["company_id"] == "" && bought["app_token"] == "NX-1")
        let metadata = try JSONValue(parsing: bought["metadata"] ?? "")
        #expect(metadata["experience_id"] == 3 && metadata["revenue"] == -9.95 && metadata["goal_id"] == 4)
        request.eventTypes = []
        request.userIDs = ["=b"]
        for format in ExportFormat.allCases {
            request.format = format
            #expect(try await rig.finish(request).files.map(\.rowCount) == [1])
        }
        request.companyIDs = ["c"]
        #expect(try await rig.finish(request).files.isEmpty)
    }
}
