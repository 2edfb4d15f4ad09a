import Foundation

/// A regular expression as JSON Schema writes it (ECMA-262), found anywhere in the text.
struct TextPattern: Sendable {
    let source: String
    private let expression: NSRegularExpression

    /// Nil when the expression cannot be read.
    init?(_ source: String) {
        guard let expression = try? NSRegularExpression(pattern: Self.translate(source)) else { return nil }
        self.source = source
        self.expression = expression
    }

    func matches(_ text: String) -> Bool {
        expression.firstMatch(in: text, range: NSRange(location: 0, length: text.utf16.count)) != nil
    }

    /// ICU differs from ECMA-262 in a few spots: `$` before a final line break, and `\d`, `\w`, `\b` beyond ASCII.
    private static func translate(_ source: String) -> String {
        var result = ""
        var inClass = false
        var characters = source.makeIterator()
        while let character = characters.next() {
            switch character {
            case "\\":
                guard let escaped = characters.next() else { return source }
                switch escaped {
                case "d": result += inClass ? "0-9" : "[0-9]"
                case "w": result += inClass ? "A-Za-z0-9_" : "[A-Za-z0-9_]"
                case "D" where !inClass: result += "[^0-9]"
                case "W" where !inClass: result += "[^A-Za-z0-9_]"
                case "/": result += "/"
                default: result += "\\\(escaped)"
                }
            case "[" where inClass: result += "\\["
            case "[":
                inClass = true
                result += "["
            case "]" where inClass:
                inClass = false
                result += "]"
            case "$" where !inClass: result += "\\z"
            default: result.append(character)
            }
        }
        return result
    }
}
