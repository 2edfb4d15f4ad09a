import DuckDB
import JSON
import TestSupport
import Testing
import Time

@testable import Exports

/// Numbers come out of every format as the text that they came in.
@Suite struct ExportedNumbersTests {
    private static let written = [
        "12345678901234567.89", "50000.0000000000000001", "1e2", "1E+2", "100.0", "-0", "-0.0", "0e0",
        "9007199254740993",
        "18446744073709551616", "123456789012345678901234567890", "0.1000000000000000055511151231257827", "5e-324",
        "1.7976931348623157e308", "1e-9999", "2.50", "1.10",
    ]

    /// A numeral of JSON's grammar, of many digits more often than not.
    private static func numeral() -> String {
        func digits(_ count: ClosedRange<Int>) -> String {
            (0..<Int.random(in: count)).map { _ in String(Int.random(in: 0...9)) }.joined()
        }
        let sign = Bool.random() ? "-" : ""
        let whole = Bool.random() ? "0" : String(Int.random(in: 1...9)) + digits(0...25)
        let fraction = Bool.random() ? "." + digits(1...25) : ""
        let exponent =
            Bool.random()
            ? "" : (Bool.random() ? "e" : "E") + (["", "+", "-"].randomElement() ?? "") + digits(1...2)
        return sign + whole + fraction + exponent
    }

    /// An object with these numbers at several depths, beside texts that look like numbers and like the end of a line.
    private static func metadata(_ numerals: ArraySlice<String>) -> String {
        var numerals = numerals[...]
        var members: [String] = []
        while let first = numerals.popFirst() {
            let name = "p\(members.count)"
            switch members.count % 4 {
            case 0: members.append("\"\(name)\":\(first)")
            case 1: members.append("\"\(name)\":[\(first), {\"x\":\(first)}]")
            case 2: members.append("\"\(name)\":{\"y\":{\"z\":\(first) } }")
            default: members.append("\"\(name)\":\"\(first)}\\n,\\\"metadata\\\":null\\u0001\\u0002é\"")
            }
        }
        return "{\(members.joined(separator: ","))}"
    }

    @Test(arguments: ExportFormat.allCases)
    func keepTheirText(_ format: ExportFormat) async throws {
        if format == .avro && Engine.avroExtensionPath == nil { return }
        let numerals = Self.written + (0..<600).map { _ in Self.numeral() }
        let metadata = stride(from: 0, to: numerals.count, by: 20).map {
            Self.metadata(numerals[$0..<min($0 + 20, numerals.count)])
        }
        // What ingestion takes is what is stored.
        for text in metadata { _ = try JSONDocument(parsing: text) }
        let rig = try ExportRig(
            metadata.enumerated().map { index, text in
                SampleEvent(name: "\(index)", user: "u}{", at: "2025-04-02T00:00:\(10 + index)Z", metadata: text)
            })
        var request = ExportRequest(from: .day("2025-04-01"), to: .day("2025-04-05"))
        request.format = format
        let rows = try await rig.rows(of: rig.finish(request), format: format)
        #expect(rows.map { $0["metadata"] } == metadata)
        #expect(rows.allSatisfy { $0["user_id"] == "u}{" })
    }

    /// The last column before the properties, and the first after them, are cut at their brackets.
    @Test(arguments: ["}", "}}", "{", "\\", "\"", "\u{1}", ""])
    func textsBesideThePropertiesStayWhole(_ text: String) async throws {
        let rig = try ExportRig([SampleEvent(name: "e", user: text, company: text, at: "2025-04-02", metadata: "{}")])
        let request = ExportRequest(from: .day("2025-04-01"), to: .day("2025-04-05"))
        let rows = try await rig.rows(of: rig.finish(request), format: .json)
        #expect(rows.map { $0["user_id"] } == [text])
        #expect(rows.map { $0["company_id"] } == [text])
        #expect(rows.map { $0["country_code"] } == [""])
    }
}
