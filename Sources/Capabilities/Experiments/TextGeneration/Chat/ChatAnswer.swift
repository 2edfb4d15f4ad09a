import JSON

/// Reads answers of chat completions.
enum ChatAnswer {
    /// The texts of a whole answer, in their order; at least one.
    static func texts(in bytes: [UInt8]) throws(TextGenerationError) -> [String] {
        guard let answer = try? JSONValue(parsing: bytes) else { throw .malformed("it is no JSON") }
        guard let choices = answer["choices"]?.array, !choices.isEmpty else {
            throw .malformed("it has no choices")
        }
        var texts: [String] = []
        for choice in choices { texts.append(try text(of: choice)) }
        return texts
    }

    private static func text(of choice: JSONValue) throws(TextGenerationError) -> String {
        let message = choice["message"]
        if let refusal = message?["refusal"]?.string { throw .declined(ChatCompletions.shown(refusal)) }
        try checkEnd(choice)
        let text = message?["content"]?.string?.trimmingBlanks ?? ""
        guard !text.isEmpty else { throw .malformed("it holds no text") }
        return text
    }

    /// - Returns: whether the text has ended as it should; false while it goes on.
    @discardableResult
    static func checkEnd(_ choice: JSONValue) throws(TextGenerationError) -> Bool {
        switch choice["finish_reason"]?.string {
        case "content_filter": throw .declined(nil)
        case "length": throw .cut
        case nil: return false
        default: return true
        }
    }
}

extension String {
    /// Without blanks and line ends at its ends.
    fileprivate var trimmingBlanks: String {
        var scalars = unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return String(scalars)
    }
}
