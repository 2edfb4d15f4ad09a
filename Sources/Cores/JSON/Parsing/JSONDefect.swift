/// What is wrong with the grammar of a text that is not JSON.
public enum JSONDefect: Sendable, Hashable {
    case truncated
    case unexpectedCharacter
    case badLiteral
    case badNumber
    case numberOutOfRange
    case badEscape
    case loneSurrogate
    case controlCharacter
    case unclosedString
    case trailingContent
    case expectedKey
    case expectedColon
    case expectedComma

    /// The defect as the end of a sentence.
    public var phrase: String {
        switch self {
        case .truncated: "the document ends too early"
        case .unexpectedCharacter: "a value was expected here"
        case .badLiteral: "expected true, false or null"
        case .badNumber: "not a number as JSON writes them"
        case .numberOutOfRange: "the number is too large"
        case .badEscape: "unknown escape sequence in a string"
        case .loneSurrogate: "half of a surrogate pair in a string"
        case .controlCharacter: "a control character in a string must be escaped"
        case .unclosedString: "the string has no closing quote"
        case .trailingContent: "nothing may follow the document"
        case .expectedKey: "a key in double quotes was expected here"
        case .expectedColon: "a colon was expected after the key"
        case .expectedComma: "a comma or the closing bracket was expected here"
        }
    }
}
