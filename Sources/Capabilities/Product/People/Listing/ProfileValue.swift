import JSON
import Time

/// The value of an attribute in the form in which it is compared.
enum ProfileValue {
    /// Times in milliseconds; booleans as 0 and 1.
    case integer(Int64)
    /// Nil for 0.
    case number(ExactNumber?)
    /// Folded.
    case text([UInt8])
    case list([[UInt8]])

    static func missing(_ type: ProfileAttribute.ValueType) -> ProfileValue {
        switch type {
        case .text: .text([])
        case .number: .number(nil)
        case .time, .boolean: .integer(0)
        case .list: .list([])
        }
    }

    init(_ text: String, as type: ProfileAttribute.ValueType) {
        switch type {
        case .text: self = .text(FoldedText.bytes(of: text))
        case .list: self = .list([FoldedText.bytes(of: text)])
        case .number: self = .number(ExactNumber(text))
        case .time: self = .integer(Timestamp(text)?.milliseconds ?? Self.milliseconds(text))
        case .boolean: self = .integer(FoldedText.bytes(of: text) == Array("true".utf8) ? 1 : 0)
        }
    }

    /// - Parameter numeral: of a number.
    private init(numeral: String, as type: ProfileAttribute.ValueType) {
        switch type {
        case .text, .list, .number: self.init(numeral, as: type)
        case .time: self = .integer(Self.milliseconds(numeral))
        case .boolean: self = .integer(0)
        }
    }

    init(_ number: Int64, as type: ProfileAttribute.ValueType) { self.init(numeral: String(number), as: type) }

    init(_ time: Timestamp, as type: ProfileAttribute.ValueType) {
        if type == .time { self = .integer(time.milliseconds) } else { self.init(time.milliseconds, as: type) }
    }

    init(_ node: JSONNode, as type: ProfileAttribute.ValueType) {
        switch node.kind {
        case .string: self.init(node.string ?? "", as: type)
        case .integer, .unsigned, .double: self.init(numeral: node.rawText, as: type)
        case .boolean:
            let value = node.bool ?? false
            self = type == .boolean ? .integer(value ? 1 : 0) : .init(value ? "true" : "false", as: type)
        case .array:
            self = type == .list ? .list(node.elements.compactMap(Self.element)) : .missing(type)
        case .object, .null: self = .missing(type)
        }
    }

    /// Of a list, as text; objects and lists in it are none.
    private static func element(_ node: JSONNode) -> [UInt8]? {
        switch node.kind {
        case .string, .integer, .unsigned, .double, .boolean:
            guard case .text(let bytes) = ProfileValue(node, as: .text) else { return nil }
            return bytes
        case .array, .object, .null: return nil
        }
    }

    /// Whole milliseconds; 0 for what is no number, or counts beyond 64 bits.
    private static func milliseconds(_ numeral: String) -> Int64 {
        if let whole = Int64(numeral) { return whole }
        guard let number = ExactNumber(numeral)?.nearest.rounded(.down) else { return 0 }
        return Int64(exactly: number) ?? 0
    }
}
