import Gateway
import HTTPTypes
import Testing

@testable import GainsightAPI

@Suite struct SortExpressionTests {
    private func keys(_ text: String?) throws -> [String] {
        try SortExpression(text).keys.map { "\($0.field) \($0.isDescending ? "down" : "up")" }
    }

    @Test(arguments: [
        ("date", ["date up"]), ("-date", ["date down"]), ("+date", ["date up"]), (" date", ["date up"]),
        ("date:asc", ["date up"]), ("date:desc", ["date down"]), ("date:DESC", ["date down"]),
        ("-date:asc", ["date down"]), ("-date:desc", ["date up"]),
        ("-date;accountId", ["date down", "accountId up"]),
        ("lastSeenDate:desc;location.city", ["lastSeenDate down", "location.city up"]), ("date;", ["date up"]),
        ("", []), (";", []),
    ])
    func bothSpellings(_ text: String, _ expected: [String]) throws {
        #expect(try keys(text) == expected)
    }

    @Test func nothingIsNoOrder() throws {
        #expect(try keys(nil) == [])
    }

    @Test(arguments: ["-", "+", ":asc", "date:down", "date:", "date;-"])
    func whatIsNoKeyIsRefused(_ text: String) {
        let error = #expect(throws: APIError.self) { try SortExpression(text) }
        #expect(error?.status == .badRequest)
        #expect(error?.fields.map(\.name) == ["sort"])
    }
}
