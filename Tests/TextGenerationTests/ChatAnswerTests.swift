import Testing

@testable import TextGeneration

struct ChatAnswerTests {
    private func texts(_ answer: String) throws -> [String] { try ChatAnswer.texts(in: Array(answer.utf8)) }

    @Test func `texts come in their order, without the blanks around them`() throws {
        let answer =
            #"{"choices":[{"message":{"content":" a\n"}},{"message":{"content":"b c"},"finish_reason":"stop"}]}"#
        #expect(try texts(answer) == ["a", "b c"])
    }

    @Test(arguments: [
        "", "[]", "{", #"{"choices":[]}"#, #"{"choices":{}}"#, #"{"choices":[1]}"#, #"{"choices":[{"message":{}}]}"#,
        #"{"choices":[{"message":{"content":7}}]}"#, #"{"choices":[{"message":{"content":" \n"}}]}"#, "\u{0}",
    ]) func `what is no answer is told`(answer: String) {
        #expect {
            try texts(answer)
        } throws: { error in
            if case .malformed? = error as? TextGenerationError { true } else { false }
        }
    }

    @Test func `refusals and cut texts are told apart`() {
        #expect(throws: TextGenerationError.declined("No. ")) {
            try texts(#"{"choices":[{"message":{"content":null,"refusal":"No.\n"}}]}"#)
        }
        #expect(throws: TextGenerationError.declined(nil)) {
            try texts(#"{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}"#)
        }
        #expect(throws: TextGenerationError.cut) {
            try texts(#"{"choices":[{"message":{"content":"half"},"finish_reason":"length"}]}"#)
        }
    }
}
