import BlobStore
import Cryptography
import DuckDB
import EventStore
import Foundation
import JSON
import TestSupport
import Testing
import Time

@testable import Exports

/// Every format holds exactly the events, in time order, in files by week.
@Suite struct ExportFormatTests {
    private static let request = ExportRequest(from: .day("2025-03-01"), to: .day("2025-05-31"))

    /// The sample without what the default request leaves out, in time order.
    private static let expected = SampleEvent.varied.filter { $0.type != .sessionStart }
        .sorted { ($0.row["inserted_at"] ?? "") < ($1.row["inserted_at"] ?? "") }

    @Test(arguments: ExportFormat.allCases)
    func holdsExactlyTheEvents(_ format: ExportFormat) async throws {
        if format == .avro && Engine.avroExtensionPath == nil { return }
        let rig = try ExportRig(SampleEvent.varied)
        var request = Self.request
        request.format = format
        let export = try await rig.finish(request)
        #expect(export.status == .completed)
        #expect(
            export.files.map(\.name)
                == ["2025-03-31", "2025-04-07", "2025-04-28", "2025-05-26"].map { "\($0).\(format.fileExtension)" })
        #expect(export.files.map(\.rowCount) == [3, 2, 3, 1])
        #expect(export.completedChunks == ["2025-03-01", "2025-04-01", "2025-05-01"])

        let rows = try await rig.rows(of: export, format: format)
        #expect(rows.count == Self.expected.count)
        for (row, event) in zip(rows, Self.expected) {
            for (column, value) in event.row { #expect(row[column] == value, "\(column)") }
            let metadata = try JSONValue(parsing: row["metadata"] ?? "")
            #expect(metadata == (try JSONValue(parsing: event.metadata ?? "{}")), "\(row)")
            #expect(row["app_token"] == "NX-1")
            #expect(row["source"] == "backend-http")
            #expect(row["received_at"] == HandClock.start.formatted(.microsecondsUTC))
            #expect(UInt64(row["internal_event_id"] ?? "") != nil)
        }
        #expect(Set(rows.compactMap { $0["event_id"] }).count == rows.count)
        for file in export.files {
            let bytes = try Data(contentsOf: URL(filePath: rig.folder.file("blobs/exports/\(export.id)/\(file.name)")))
            #expect(bytes.count == file.byteCount)
            #expect(Digest(of: bytes).hexadecimal == file.sha256)
        }
    }

    @Test(arguments: [ExportFormat.json, .ndjson, .csv])
    func columnsComeInTheDocumentedOrder(_ format: ExportFormat) async throws {
        let rig = try ExportRig([SampleEvent(name: "e", user: "u", at: "2025-04-01")])
        var request = Self.request
        request.format = format
        let export = try await rig.finish(request)
        let line = try #require(try await rig.lines(export.files[0], of: export).first)
        let columns =
            format == .csv
            ? line.split(separator: ",").map(String.init) : try JSONValue(parsing: line).object?.keys ?? []
        #expect(
            columns.prefix(20) == [
                "app_token", "event_type", "event_name", "source", "user_id", "company_id", "inserted_at", "hostname",
                "pathname", "screen_width", "screen_height", "operating_system", "browser", "browser_language",
                "user_agent", "device_type", "country_code", "metadata", "session", "internal_event_id",
            ])
    }

    @Test func jsonFilesHoldOneObjectALine() async throws {
        let rig = try ExportRig(SampleEvent.varied)
        let export = try await rig.finish(Self.request)
        var lines: [String] = []
        for file in export.files { lines += try await rig.lines(file, of: export) }
        #expect(lines.count == Self.expected.count)
        for line in lines {
            let row = try JSONValue(parsing: line)
            #expect(row["metadata"]?.object != nil)
            #expect(row["screen_width"]?.isNull == true)
        }
    }

    /// Numbers and texts that a JSON parser accepts and a writer may stumble over.
    private static let awkward = [
        #"{"n":123456789012345678901234567890}"#, #"{"n":-0.0}"#, #"{"n":1e308}"#, #"{"n":-5E-324}"#,
        #"{"t":"\u2028\u007f\ud83c\udf89\/"}"#, #"{"":{"":[[[[[[[[[[]]]]]]]]]]}}"#, "{\t\"a\"\r\n:\n1}",
        #"{"a.b":1,"a b":2,"$":3,"é":4}"#,
    ]

    @Test(arguments: ExportFormat.allCases)
    func awkwardPropertiesComeOut(_ format: ExportFormat) async throws {
        if format == .avro && Engine.avroExtensionPath == nil { return }
        let rig = try ExportRig(
            Self.awkward.enumerated().map { index, metadata in
                SampleEvent(name: "\(index)", user: "u", at: "2025-04-0\(index + 1)", metadata: metadata)
            })
        var request = Self.request
        request.format = format
        let rows = try await rig.rows(of: rig.finish(request), format: format)
        #expect(rows.map { $0["event_name"] } == Self.awkward.indices.map { "\($0)" })
        for (row, metadata) in zip(rows, Self.awkward) {
            let written = row["metadata"] ?? ""
            #expect(try JSONValue(parsing: written) == (try JSONValue(parsing: metadata)))
            // A line of JSON has no line breaks between its values.
            let expected =
                format.isLines
                ? String(decoding: metadata.utf8.map { $0 == 10 || $0 == 13 ? 32 : $0 }, as: UTF8.self) : metadata
            #expect(written == expected)
        }
    }

    @Test func aManyRowsAvroFileHoldsThemAll() async throws {
        try #require(Engine.avroExtensionPath != nil)
        let events = (0..<5_000).map {
            SampleEvent(
                name: "e\($0)", user: "u", at: "2025-04-01",
                metadata: #"{"t":"\#(String(repeating: "x", count: 100))"}"#)
        }
        let rig = try ExportRig(events)
        var request = Self.request
        request.format = .avro
        let export = try await rig.finish(request)
        #expect(export.files.map(\.rowCount) == [5_000])
        #expect(try await rig.rows(of: export, format: .avro).map { $0["event_name"] } == events.map(\.name))
    }

    @Test func theManifestNamesEveryFile() async throws {
        let rig = try ExportRig(SampleEvent.varied)
        let export = try await rig.finish(Self.request)
        let path = rig.folder.file("blobs/exports/\(export.id)/manifest.json")
        let manifest = try JSONValue(parsing: Array(Data(contentsOf: URL(filePath: path))))
        #expect(manifest["rows"]?.int64 == 9)
        #expect(manifest["job_id"]?.string == export.id)
        #expect(manifest["app_token"]?.string == "NX-1")
        #expect(manifest["files"]?.array?.compactMap { ExportFile(json: $0) } == export.files)
        #expect(manifest["request"].flatMap(ExportRequest.init(json:)) == Self.request)
    }
}
