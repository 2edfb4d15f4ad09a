import EventStore
import JSON
import Testing
import Time

@testable import Exports

@Suite struct ExportRequestTests {
    private static let full = ExportRequest(
        from: .day("2024-02-29"), to: .day("2025-01-01"), format: .avro, eventTypes: [.sessionStart, .track],
        userIDs: ["u", "'; DROP TABLE x; --", ""], companyIDs: ["ü"], segmentID: -3, leavesOutExcluded: true,
        emails: ["a@example.com"])

    @Test func survivesStorage() throws {
        var native = Self.full
        native.format = .parquet
        native.types = .native
        for request in [Self.full, native, ExportRequest(from: .day("2025-01-01"), to: .day("2025-01-01"))] {
            let stored = try JSONValue(parsing: request.json.encoded())
            #expect(ExportRequest(json: stored) == request)
            let order = ExportOrder(request: request, stream: ExportRig.stream, environmentName: "Prod")
            let read = try #require(ExportOrder(json: JSONValue(parsing: order.json.encoded())))
            #expect(read.request == request)
            #expect(read.stream == ExportRig.stream)
            #expect(read.environmentName == "Prod")
        }
    }

    @Test(arguments: ["from", "to", "format"])
    func damageIsNoticed(_ key: String) {
        for value: JSONValue? in [nil, .null, "2025-02-30", 5] {
            var json = Self.full.json
            json[key] = value
            #expect(ExportRequest(json: json) == nil)
        }
    }

    @Test func progressSurvivesStorage() throws {
        var progress = ExportProgress(snapshot: .end)
        progress.completedChunks = ["2025-01-01"]
        progress.currentChunk = "2025-02-01"
        progress.files = [
            ExportFile(name: "2025-01-06.json.gz", rowCount: 1, byteCount: 2, sha256: String(repeating: "a", count: 64))
        ]
        #expect(ExportProgress(json: try JSONValue(parsing: progress.json.encoded())) == progress)
        #expect(ExportProgress(json: [:]) == nil)
        #expect(ExportProgress(json: ["snapshot": "x"]) == nil)
    }
}
