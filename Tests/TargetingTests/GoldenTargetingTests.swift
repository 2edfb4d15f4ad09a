import Foundation
import JSON
import Testing
import Text

@testable import Targeting

/// Bit for bit what the official JavaScript SDK answers; `golden.py` writes the answers.
struct GoldenTargetingTests {
    /// One rule about the attribute `k`, the visitor's attributes, and the SDKs' answers.
    struct Case {
        let attributes: [ClientText: JSONValue]
        let matchType: String
        let value: JSONValue
        let isNegated: Bool
        let javascript: Bool
        let python: Bool

        var rules: JSONValue { .rule(key: "k", matchType, value, negated: isNegated) }
    }

    let cases: [Case]

    init() throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "golden.json")
        let golden = try JSONValue(parsing: [UInt8](Data(contentsOf: url)))
        let javascript = try Self.bits(golden["javascript"])
        let python = try Self.bits(golden["python"])
        var cases: [Case] = []
        func add(_ data: JSONValue, _ matchType: String, _ value: JSONValue) {
            let isMissing = data == ["missing": true]
            for isNegated in [false, true] {
                cases.append(
                    Case(
                        attributes: isMissing ? ["other": 1] : ["k": data], matchType: matchType, value: value,
                        isNegated: isNegated, javascript: javascript[cases.count], python: python[cases.count]))
            }
        }
        for matchType in try #require(golden["operators"]?.array).compactMap(\.string) {
            for data in try #require(golden["values"]?.array) {
                for value in try #require(golden["tests"]?.array) { add(data, matchType, value) }
            }
        }
        for pattern in try #require(golden["patterns"]?.array) {
            for text in try #require(golden["texts"]?.array) { add(text, "regexMatches", pattern) }
        }
        #expect(Int64(cases.count) == golden["count"]?.int64)
        self.cases = cases
    }

    @Test("Every comparison of every value, and every pattern on every text, answers as the JavaScript SDK")
    func answers() {
        let wrong = cases.filter {
            RuleTree($0.rules).matches(VisitorFacts(attributes: $0.attributes)) != $0.javascript
        }
        let shown = wrong.prefix(20).map { "\($0.attributes) \($0.matchType) \($0.value) \($0.isNegated)" }
        #expect(wrong.isEmpty, "\(wrong.count) of \(cases.count): \(shown.joined(separator: "\n"))")
    }

    @Test("For text and numbers as the contract has them the Python SDK answers the same")
    func commonGround() {
        let operators = ["equals", "matches", "contains", "startsWith", "endsWith", "exists", "doesNotExist", "isIn"]
        let common = cases.filter { question in
            operators.contains(question.matchType) && question.value.string != nil
                && question.attributes.values.allSatisfy { $0.string != nil || $0.int64 == 1 }
        }
        #expect(common.count > 5_000)
        for question in common where question.javascript != question.python {
            Issue.record("\(question.attributes) \(question.matchType) \(question.value)")
        }
    }

    @Test("The answers hold matches and misses of every comparison")
    func coverage() {
        for (matchType, group) in Dictionary(grouping: cases, by: \.matchType) where matchType != "unheard_of" {
            #expect(group.contains { $0.javascript } && group.contains { !$0.javascript }, "\(matchType)")
        }
    }

    private static func bits(_ text: JSONValue?) throws -> [Bool] {
        try #require(text?.string).flatMap { digit in
            let value = digit.hexDigitValue ?? 0
            return [8, 4, 2, 1].map { value & $0 != 0 }
        }
    }
}
