import HTTPTypes
import Testing

@testable import Gateway

@Suite struct PageCursorTests {
    @Test(arguments: [Int64.min, -1, 0, 1, 42, 999_999, .max])
    func roundTrips(_ id: Int64) throws {
        let text = PageCursor(lastID: id).text
        #expect(try PageCursor(text: text, field: "after").lastID == id)
        #expect(!text.contains("="))
        #expect(text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
    }

    @Test(arguments: [
        "", "x", "1", "====", "YWZ0ZXI6", "YWZ0ZXI6eA", "YmVmb3JlOjE", "🎉", "YWZ0ZXI6MQ YWZ0", "%00",
        "YWZ0ZXI6OTk5OTk5OTk5OTk5OTk5OTk5OTk",
    ])
    func otherTextsAreRefusedByTheNameOfTheirParameter(_ text: String) {
        do throws(APIError) {
            _ = try PageCursor(text: text, field: "after_cursor")
            Issue.record("\(text) was taken")
        } catch {
            #expect(error.status == .badRequest)
            #expect(error.fields.map(\.name) == ["after_cursor"])
        }
    }
}
