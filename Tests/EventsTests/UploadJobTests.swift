import ControlStore
import EventStore
import Foundation
import JSON
import TestSupport
import Testing
import Time
import UserpilotAPI

@testable import Events
@testable import Jobs

@Suite struct UploadJobTests {
    private func handler(_ rig: IngestionRig) -> UploadJobHandler {
        UploadJobHandler(
            store: rig.store, writer: rig.writer, feed: rig.feed, rejections: rig.rejections,
            form: UserpilotEvents(), parquet: NoFile(), clock: IngestionRig.clock)
    }

    /// Track rows as NDJSON; every tenth lacks its user.
    private func file(_ count: Int) -> [UInt8] {
        let lines = (0..<count).map { number in
            let user = number % 10 == 9 ? "" : #""user_id": "u\#(number)", "#
            return #"{"event_type": "track", "event_name": "e\#(number)", \#(user)"source": "backend-http", "#
                + #""inserted_at": "2025-01-01T00:00:00Z"}"#
        }
        return Array(lines.joined(separator: "\n").utf8)
    }

    private func submit(_ rig: IngestionRig, _ bytes: [UInt8]) async throws -> UploadJob {
        try await rig.uploads.submit(
            bytes, kind: .importEvents, isJSONList: false, fileName: "rows.ndjson", stream: IngestionRig.stream)
    }

    private func uploadedFiles(_ rig: IngestionRig) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: rig.folder.path).filter {
            !$0.hasPrefix("control") && !$0.hasPrefix("events")
        }
    }

    private func uuid(_ upload: UploadJob) throws -> String {
        String(try #require(upload.id.split(separator: ":").last))
    }

    @Test func everyGoodRowIsStoredAndEveryBadOneNamed() async throws {
        try await IngestionRig().use { rig in
            let submitted = try await submit(rig, file(1_203))
            #expect(submitted.status == .queued)
            #expect(submitted.id.hasPrefix("import:jobs:NX-1:"))
            try await rig.runJob(UploadKind.importEvents.rawValue, handler(rig))
            let done = try #require(try await rig.uploads.find(submitted.id, environmentID: 1))
            #expect(done.status == .completed)
            #expect(done.totalRows == 1_203)
            #expect(done.completedRows == 1_083)
            #expect(done.failedRows == 120)
            #expect(done.rowErrors.count == 100)
            #expect(done.rowErrors.first?.row == 10)
            #expect(done.rowErrors.first?.field == "user_id")
            try await rig.rejections.flush()
            let counted = try await rig.rejections.list(environmentID: 1)
            #expect(counted.map(\.reason) == ["missing_field"])
            #expect(counted.map(\.count) == [120])
            #expect(done.byteCount == file(1_203).count)
            #expect(try await rig.store.count(environmentID: 1) == 1_083)
            #expect(try uploadedFiles(rig).isEmpty)
            #expect(try await rig.uploads.find(submitted.id, environmentID: 2) == nil)
            #expect(try await rig.uploads.find("bulk:jobs:NX-1:\(uuid(submitted))", environmentID: 1) == nil)
            #expect(try await rig.uploads.list(environmentID: 1).map(\.id) == [submitted.id])
        }
    }

    /// Rows that were stored, and rows that were noted as dealt with, when the process died.
    @Test(arguments: [(0, 0), (500, 0), (1_000, 500), (1_203, 1_000), (1_203, 1_203)])
    func aRunAfterACrashStoresEachRowOnce(stored: Int, noted: Int) async throws {
        try await IngestionRig().use { rig in
            let submitted = try await submit(rig, file(1_203))
            let id = try uuid(submitted)
            let path = try #require(try uploadedFiles(rig).first)
            let partial = file(1_203).split(separator: 0x0A).prefix(stored).joined(separator: [0x0A])
            try Data(partial).write(to: URL(filePath: rig.folder.file(path)))
            try await rig.runJob(UploadKind.importEvents.rawValue, handler(rig), finishes: false)
            // The file as it was, and the progress as it stood.
            try Data(file(1_203)).write(to: URL(filePath: rig.folder.file(path)))
            var progress = UploadProgress()
            if noted > 0 {
                progress.status = .processing
                progress.totalRows = 1_203
                progress.processedRows = noted
                progress.failedRows = noted / 10
            }
            try await rig.restart(progress: progress.json, ofJob: id)
            try await rig.runJob(UploadKind.importEvents.rawValue, handler(rig))
            let done = try #require(try await rig.uploads.find(submitted.id, environmentID: 1))
            #expect(done.status == .completed)
            #expect(done.completedRows == 1_083)
            #expect(done.failedRows == 120)
            #expect(try await rig.store.count(environmentID: 1) == 1_083)
            #expect(
                try await rig.column("SELECT count(DISTINCT event_name) FROM lake.main.events") == ["1083"])
            // What the job has stored itself was not there before it.
            #expect(done.duplicateRows == 0)
        }
    }

    @Test func aCrashAfterTheLastRowDoesNotAskForTheFileAgain() async throws {
        try await IngestionRig().use { rig in
            let submitted = try await submit(rig, file(20))
            try await rig.runJob(UploadKind.importEvents.rawValue, handler(rig), finishes: false)
            #expect(try uploadedFiles(rig).isEmpty)
            try await rig.restart(ofJob: uuid(submitted))
            try await rig.runJob(UploadKind.importEvents.rawValue, handler(rig))
            let done = try #require(try await rig.uploads.find(submitted.id, environmentID: 1))
            #expect(done.status == .completed)
            #expect(done.completedRows == 18)
            #expect(done.failedRows == 2)
            #expect(try await rig.store.count(environmentID: 1) == 18)
        }
    }

    @Test func aLostFileFailsWithAReason() async throws {
        try await IngestionRig().use { rig in
            let submitted = try await submit(rig, file(20))
            let path = try #require(try uploadedFiles(rig).first)
            try FileManager.default.removeItem(atPath: rig.folder.file(path))
            try await rig.runJob(UploadKind.importEvents.rawValue, handler(rig))
            let failed = try #require(try await rig.uploads.find(submitted.id, environmentID: 1))
            #expect(failed.status == .failed)
            #expect(failed.failureReason?.contains("gone") == true)
        }
    }

    @Test func bulkUpdatesAreIdentifyEvents() async throws {
        try await IngestionRig().use { rig in
            let users = #"{"users": [{"user_id": "a", "metadata": {"x": 1}}, {"user_id": ""}, 5, {"user_id": "b"}]}"#
            let upload = try await rig.uploads.submit(
                Array(users.utf8), kind: .bulkUsers, isJSONList: true, fileName: "", stream: IngestionRig.stream)
            #expect(upload.id.hasPrefix("bulk:jobs:NX-1:"))
            try await rig.runJob(UploadKind.bulkUsers.rawValue, handler(rig))
            let done = try #require(try await rig.uploads.find(upload.id, environmentID: 1))
            #expect(done.rowErrors.map(\.row) == [2, 3])
            #expect(
                try await rig.column("SELECT event_type || ' ' || user_id FROM lake.main.events ORDER BY event_id")
                    == ["identify_user a", "identify_user b"])
        }
    }

    @Test func uploadsWaitForTheirOwnKindOnly() async throws {
        let rig = try IngestionRig()
        let rows = Array(#"{"user_id": "a"}"#.utf8)
        func submit(_ kind: UploadKind, environmentID: Int64 = 1) async throws {
            let stream = EventStream(environmentID: environmentID, projectID: 1, appToken: "NX")
            _ = try await rig.uploads.submit(rows, kind: kind, isJSONList: false, fileName: "x.ndjson", stream: stream)
        }
        try await submit(.bulkUsers)
        for kind in [UploadKind.bulkUsers, .bulkCompanies] {
            await #expect(throws: JobError.self) { try await submit(kind) }
        }
        try await submit(.importEvents)
        await #expect(throws: JobError.self) { try await submit(.importEvents) }
        try await submit(.bulkCompanies, environmentID: 2)
        // A refused upload leaves no file behind.
        #expect(try uploadedFiles(rig).count == 3)
        await rig.writer.stop()
    }

    @Test func whatIsPackedOrLargeMayTakeLong() async throws {
        let rig = try IngestionRig()
        let line = file(1)
        let large = [UInt8](repeating: 0x20, count: UploadService.mostShortBytes) + line
        for (bytes, isShort) in [(line, true), (large, false), (UploadSourceTests.gzip(line), false)] {
            let id = try uuid(try await submit(rig, bytes))
            #expect(try await rig.jobs.find(id, environmentID: 1)?.isShort == isShort)
            try await rig.jobs.cancel(id, environmentID: 1)
        }
        await rig.writer.stop()
    }

    /// While a file is looked through, the environment has no second one of the group; its sender may give up.
    @Test func oneFileAtATimeIsLookedThrough() async throws {
        let rig = try IngestionRig()
        let uploads = rig.uploads
        let list = UploadSourceTests.gzip(Array(#"{"users": [{"user_id": "a"}]}"#.utf8))
        let (weighing, weigh) = AsyncStream<Int>.makeStream()
        @Sendable func submit(
            _ kind: UploadKind = .bulkUsers, environmentID: Int64 = 1,
            _ weigh: @Sendable ([UInt8]) throws -> Void = { _ in }
        ) async throws {
            let stream = EventStream(environmentID: environmentID, projectID: 1, appToken: "NX")
            _ = try await uploads.submit(
                list, kind: kind, isJSONList: false, fileName: "x", stream: stream, weigh: weigh)
        }
        let first = Task {
            try await submit { text in
                weigh.yield(text.count)
                while !Task.isCancelled {}
            }
        }
        // What is unpacked is weighed before it is parsed.
        for await count in weighing {
            #expect(count == 29)
            break
        }
        for kind in [UploadKind.bulkUsers, .bulkCompanies] {
            await #expect(throws: UploadService.Refusal.self) { try await submit(kind) }
        }
        try await submit(environmentID: 2)
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        #expect(try uploadedFiles(rig).count == 1)
        await #expect(throws: NoRoom.self) { try await submit { _ in throw NoRoom() } }
        try await submit()
        await #expect(throws: JobError.self) { try await submit { _ in Issue.record("it was looked through") } }
        await rig.writer.stop()
    }

    private struct NoRoom: Error {}

    @Test func tooManyRowsAndUnreadableFilesAreRefusedAtOnce() async throws {
        let rig = try IngestionRig()
        let rows = Array(String(repeating: "{}\n", count: 10_001).utf8)
        await #expect(throws: UploadService.Refusal.self) {
            try await rig.uploads.submit(
                rows, kind: .bulkUsers, isJSONList: false, fileName: "x.ndjson", stream: IngestionRig.stream)
        }
        await #expect(throws: EventRejection.self) {
            try await rig.uploads.submit(
                Array("{oops".utf8), kind: .bulkUsers, isJSONList: true, fileName: "", stream: IngestionRig.stream)
        }
        await #expect(throws: EventRejection.self) {
            try await rig.uploads.submit(
                Array("a,a\n".utf8), kind: .importEvents, isJSONList: false, fileName: "x.csv",
                stream: IngestionRig.stream)
        }
        #expect(try uploadedFiles(rig).isEmpty)
        await rig.writer.stop()
    }

    @Test(arguments: [
        ("rows.CSV", "{}", 1), ("rows.CSV", "event_type,source,inserted_at\n", 0),
        ("rows", "event_type,source,inserted_at\na,b,c\n", 1), ("rows", " \n{\"user_id\": \"x\"}", 1),
        ("rows.jsonl", "user_id\nx\n", 2), ("rows.txt", "", nil), ("rows.csv", "user_id,source,inserted_at\n", nil),
    ])
    func theFormatIsToldByContent(_ name: String, _ content: String, rows: Int?) async throws {
        try await IngestionRig().use { rig in
            let upload = try? await rig.uploads.submit(
                Array(content.utf8), kind: .importEvents, isJSONList: false, fileName: name,
                stream: IngestionRig.stream)
            guard let upload else {
                #expect(rows == nil)
                return
            }
            try await rig.runJob(UploadKind.importEvents.rawValue, handler(rig))
            let done = try #require(try await rig.uploads.find(upload.id, environmentID: 1))
            #expect(done.totalRows == rows)
        }
    }

    /// As the export of another server, or of this one, has it.
    private static func exported(_ number: Int, clientID: String? = nil) -> String {
        let id = clientID.map { "\"\($0)\"" } ?? "null"
        return """
            {"app_token":"NX-2","event_type":"\(number % 2 == 0 ? "session_start" : "interaction")",\
            "event_name":"\(number % 2 == 0 ? "" : "e")","source":"web-client","user_id":"u","company_id":"",\
            "inserted_at":"2025-01-01T00:00:00.00000\(number)Z","hostname":null,"metadata":{"n":1e2},\
            "internal_event_id":"\(number)","event_id":"0197751d-3a40-7abc-8def-00000000000\(number)",\
            "client_event_id":\(id)}
            """
    }

    @Test func exportedRowsOfAnyTypeAreStoredOnce() async throws {
        try await IngestionRig().use { rig in
            let file = [Self.exported(1), Self.exported(2, clientID: "own"), Self.exported(3)].joined(separator: "\n")
            for duplicates in [0, 3, 3] {
                let upload = try await submit(rig, Array(file.utf8))
                try await rig.runJob(UploadKind.importEvents.rawValue, handler(rig))
                let done = try #require(try await rig.uploads.find(upload.id, environmentID: 1))
                #expect(done.status == .completed)
                #expect(done.rowErrors.isEmpty)
                #expect(done.completedRows == 3)
                #expect(done.duplicateRows == duplicates)
            }
            #expect(
                try await rig.column("SELECT client_event_id FROM lake.main.events ORDER BY occurred_at")
                    == ["0197751d-3a40-7abc-8def-000000000001", "own", "0197751d-3a40-7abc-8def-000000000003"])
            // What the server exports now has ids of its own.
            let rows = try await rig.column(
                """
                SELECT format('{{"event_type":"session_start","source":"web-client","user_id":"u","inserted_at":"{}Z",'
                    || '"app_token":"NX-1","internal_event_id":"9","event_id":"{}"}}',
                    strftime(occurred_at, '%Y-%m-%dT%H:%M:%S.%f'), event_id) FROM lake.main.events
                """)
            let upload = try await submit(rig, Array(rows.compactMap(\.self).joined(separator: "\n").utf8))
            try await rig.runJob(UploadKind.importEvents.rawValue, handler(rig))
            let done = try #require(try await rig.uploads.find(upload.id, environmentID: 1))
            #expect(done.duplicateRows == 3)
            #expect(try await rig.store.count(environmentID: 1) == 3)
        }
    }

    /// Nothing of it is stored, since nobody would know which part.
    @Test func aFileThatIsCutOffFailsAsAWhole() async throws {
        try await IngestionRig().use { rig in
            let packed = UploadSourceTests.gzip(file(5_000))
            let upload = try await submit(rig, Array(packed.dropLast(9)))
            try await rig.runJob(UploadKind.importEvents.rawValue, handler(rig))
            let failed = try #require(try await rig.uploads.find(upload.id, environmentID: 1))
            #expect(failed.status == .failed)
            #expect(failed.failureReason?.contains("cut off") == true)
            #expect(try await rig.store.count(environmentID: 1) == 0)
        }
    }

    @Test func aParquetFileIsReadOnceAndLeavesNothing() async throws {
        try await IngestionRig().use { rig in
            let content = Array("PAR1 as far as this test goes".utf8)
            let rows = #"{"user_id":"a","metadata":"{\"n\":1e2}","screen_width":"1920.0","event_id":""}"# + "\n"
            let parquet = OneFile(content: content, rows: rows + #"{"user_id":"b","metadata":"oops"}"#)
            let handler = UploadJobHandler(
                store: rig.store, writer: rig.writer, feed: rig.feed, rejections: rig.rejections,
                form: UserpilotEvents(), parquet: parquet,
                clock: IngestionRig.clock)
            let upload = try await rig.uploads.submit(
                UploadSourceTests.gzip(content), kind: .bulkUsers, isJSONList: false, fileName: "blob",
                stream: IngestionRig.stream)
            try await rig.runJob(UploadKind.bulkUsers.rawValue, handler)
            let done = try #require(try await rig.uploads.find(upload.id, environmentID: 1))
            #expect(done.status == .completed)
            #expect(done.totalRows == 2)
            #expect(done.rowErrors.map(\.field) == ["metadata"])
            #expect(
                try await rig.column("SELECT concat_ws(' ', user_id, screen_width, properties) FROM lake.main.events")
                    == [#"a 1920 {"n":1e2}"#])
            #expect(try uploadedFiles(rig).isEmpty)
        }
    }

    @Test func anUnreadableParquetFileFailsWithItsReason() async throws {
        try await IngestionRig().use { rig in
            let upload = try await submit(rig, Array("PAR1".utf8))
            try await rig.runJob(UploadKind.importEvents.rawValue, handler(rig))
            let failed = try #require(try await rig.uploads.find(upload.id, environmentID: 1))
            #expect(failed.status == .failed)
            #expect(failed.failureReason == "This is no Parquet file.")
        }
    }

    @Test func progressRoundTrips() {
        var progress = UploadProgress()
        progress.status = .pendingRefresh
        progress.totalRows = 7
        progress.processedRows = 6
        progress.duplicateRows = 5
        for row in 1...150 { progress.add([EventRejection(.malformed, field: "f", "m \(row)")], row: row) }
        let read = UploadProgress(json: progress.json)
        #expect(read.status == .pendingRefresh)
        #expect(read.totalRows == 7)
        #expect(read.processedRows == 6)
        #expect(read.failedRows == 150)
        #expect(read.duplicateRows == 5)
        #expect(read.rowErrors == progress.rowErrors)
        #expect(read.rowErrors.count == 100)
    }
}

/// Knows the rows of one file.
private struct OneFile: ParquetReader {
    let content: [UInt8]
    let rows: String

    func readParquet(at path: String, columns: [String], into output: String, maximumBytes: Int) async throws {
        #expect([UInt8](try Data(contentsOf: URL(filePath: path))) == content)
        #expect(Set(["user_id", "metadata", "internal_event_id", "client_event_id"]).isSubset(of: columns))
        try Data(rows.utf8).write(to: URL(filePath: output))
    }
}

/// Finds every file unreadable.
private struct NoFile: ParquetReader {
    func readParquet(at path: String, columns: [String], into output: String, maximumBytes: Int) async throws {
        throw UnreadableParquet(reason: "This is no Parquet file.")
    }
}
