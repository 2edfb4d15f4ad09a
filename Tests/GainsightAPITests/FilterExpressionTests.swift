import Gateway
import HTTPTypes
import Testing

@testable import GainsightAPI

@Suite struct FilterExpressionTests {
    /// The terms, as `field operator value`.
    private func terms(_ texts: String...) throws -> [[String]] {
        try FilterExpression(texts).alternatives.map { terms in
            terms.map { "\($0.field) \($0.comparison.rawValue) \($0.value)" }
        }
    }

    @Test func semicolonsJoinAndParametersAlternate() throws {
        #expect(
            try terms("sicCode==64;numberOfEmployees>25", "sicCode==63")
                == [["sicCode == 64", "numberOfEmployees > 25"], ["sicCode == 63"]])
        #expect(try terms("a==1;") == [["a == 1"]])
        #expect(try terms(";a==1;;b==2") == [["a == 1", "b == 2"]])
    }

    @Test(arguments: [
        ("a==1", "a == 1"), ("a=1", "a == 1"), ("a!=1", "a != 1"), ("a<=1", "a <= 1"), ("a>=1", "a >= 1"),
        ("a<1", "a < 1"), ("a>1", "a > 1"), ("a~x*", "a ~ x*"), ("a!~x?", "a !~ x?"),
        ("location.stateCode==CA", "location.stateCode == CA"), (" a ==1", "a == 1"), ("a==", "a == "),
        ("url==https://x.example/?a=b&c=d", "url == https://x.example/?a=b&c=d"), ("a==b<c>d~e", "a == b<c>d~e"),
        ("a===1", "a == =1"), ("é==ü", "é == ü"),
    ])
    func theLongestOperatorCountsAndTheFirst(_ text: String, _ expected: String) throws {
        #expect(try terms(text) == [[expected]])
    }

    @Test func nothingIsNoFilter() throws {
        #expect(try FilterExpression([]).alternatives.isEmpty)
        #expect(try FilterExpression(["", ""]).alternatives.isEmpty)
        // An alternative that everybody satisfies.
        #expect(try FilterExpression([";", "a==1"]).alternatives.isEmpty)
    }

    @Test(arguments: ["a", "==1", "=1", " ==1", "a==1;b", "~", "!", "a b"])
    func whatIsNoConditionIsRefused(_ text: String) {
        let error = #expect(throws: APIError.self) { try FilterExpression([text]) }
        #expect(error?.status == .badRequest)
        #expect(error?.fields.map(\.name) == ["filter"])
    }

    @Test func aSpaceMayHaveBeenAPlus() throws {
        #expect(try terms("email==ann b@c.d") == [["email == ann b@c.d"], ["email == ann+b@c.d"]])
        #expect(try terms("email!=a b") == [["email != a b", "email != a+b"]])
        #expect(
            try terms("a==1 2;b==3 4")
                == [
                    ["a == 1 2", "b == 3 4"], ["a == 1+2", "b == 3 4"], ["a == 1 2", "b == 3+4"],
                    ["a == 1+2", "b == 3+4"],
                ])
        // A number or a time has no such reading.
        #expect(try terms("date>=2025-01-01 10:00:00Z") == [["date >= 2025-01-01 10:00:00Z"]])
    }

    @Test func conditionsAreBounded() throws {
        let many = Array(repeating: "a==1", count: 100)
        #expect(try FilterExpression([many.joined(separator: ";")]).alternatives.first?.count == 100)
        for texts in [
            [(many + ["a==1"]).joined(separator: ";")], many + ["a==1"],
            [Array(repeating: "a==1 2", count: 30).joined(separator: ";")],
        ] {
            #expect(throws: APIError.self) { try FilterExpression(texts) }
        }
    }
}
