import Foundation
import JSON
import Testing

@testable import Targeting

/// Patterns that refer back to their groups answer as in JavaScript; `references.mjs` writes the answers.
struct GoldenReferenceTests {
    @Test("Every pattern on every text answers as JavaScript")
    func answers() throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "references.json")
        let golden = try JSONValue(parsing: [UInt8](Data(contentsOf: url)))
        let texts = (golden["texts"]?.array ?? []).compactMap(\.string)
        let patterns = (golden["patterns"]?.array ?? []).compactMap(\.string)
        let answers = (golden["answers"]?.array ?? []).compactMap(\.string)
        try #require(patterns.count == answers.count && patterns.count > 500 && texts.count > 40)
        var wrong: [String] = []
        var givenUp = 0
        for (source, expected) in zip(patterns, answers) {
            guard let pattern = try? Pattern(source) else {
                if expected != "x" { wrong.append("\(source) is refused") }
                continue
            }
            for (text, expected) in zip(texts, expected) {
                let evaluation = RuleEvaluation()
                let isFound = pattern.occurs(in: text, evaluation)
                if evaluation.hasNoAnswer {
                    givenUp += 1
                } else if isFound != (expected == "1") {
                    wrong.append("\(source) in \(text): \(expected)")
                }
            }
        }
        // JavaScript takes its time for a few.
        #expect(givenUp < 20)
        #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(20).joined(separator: "\n"))")
    }
}
