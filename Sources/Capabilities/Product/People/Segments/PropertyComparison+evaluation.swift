import JSON
import Text
import Time

/// A property's value in the form that comparisons need.
enum PropertyValue {
    case text(String)
    case number(ExactNumber)
    case boolean(Bool)
    case list([PropertyValue])
    /// An object: it exists, and compares with nothing.
    case opaque

    /// Nil for null, which counts as missing.
    init?(_ node: JSONNode) {
        switch node.kind {
        case .null: return nil
        case .boolean: self = .boolean(node.bool ?? false)
        case .integer, .unsigned, .double:
            guard let number = ExactNumber(node.rawText) else { return nil }
            self = .number(number)
        case .string: self = .text(node.string ?? "")
        case .array: self = .list(node.elements.compactMap { PropertyValue($0) })
        case .object: self = .opaque
        }
    }

    /// The value as text, for scalars.
    private var text: String? {
        switch self {
        case .text(let text): text
        case .number(let number): number.text
        case .boolean(let value): value ? "true" : "false"
        case .list, .opaque: nil
        }
    }

    var number: ExactNumber? {
        switch self {
        case .number(let number): number
        case .text(let text): ExactNumber(text)
        case .boolean, .list, .opaque: nil
        }
    }

    var boolean: Bool? {
        switch self {
        case .boolean(let value): value
        case .text("true"), .text("True"), .text("TRUE"): true
        case .text("false"), .text("False"), .text("FALSE"): false
        case .text, .number, .list, .opaque: nil
        }
    }

    /// Clients send times as ISO 8601, as Unix seconds and as Unix milliseconds; seconds reach 10^11 in the year 5138.
    var time: Timestamp? {
        switch self {
        case .text(let text): return Timestamp(text)
        case .number(let exact):
            let number = exact.nearest
            guard abs(number) < 1e14 else { return nil }
            return Timestamp(microseconds: Int64(abs(number) < 1e11 ? number * 1e6 : number * 1e3))
        case .boolean, .list, .opaque: return nil
        }
    }

    func equals(_ other: JSONValue) -> Bool {
        switch other {
        case .string(let expected): text.hasSameBytes(as: expected) || isNumber(expected)
        case .bool(let expected): boolean == expected
        case .integer, .double, .number: number.map { $0 == ExactNumber(other) } ?? false
        case .null, .array, .object: false
        }
    }

    /// Whether this is a number, not a text, and the text means the same number.
    private func isNumber(_ text: String) -> Bool {
        guard case .number(let number) = self else { return false }
        return number == ExactNumber(text)
    }

    func contains(_ part: String) -> Bool {
        switch self {
        case .list(let elements): elements.contains { $0.equals(.string(part)) }
        default: part.isEmpty || text.map { $0.containsBytes(of: part) } ?? false
        }
    }

    func hasPrefix(_ part: String) -> Bool { text.map { $0.hasBytePrefix(part) } ?? false }

    func hasSuffix(_ part: String) -> Bool { text.map { $0.hasByteSuffix(part) } ?? false }
}

extension PropertyComparison {
    /// - Parameter value: nil when the property is missing.
    func holds(for value: PropertyValue?, _ operand: PropertyOperand) -> Bool {
        switch (self, operand) {
        case (.exists, _): value != nil
        case (.notExists, _): value == nil
        case (.isTrue, _): value?.boolean == true
        case (.isFalse, _): value?.boolean == false
        case (.equals, .scalar(let expected)): value?.equals(expected) ?? false
        case (.notEquals, .scalar(let expected)): !(value?.equals(expected) ?? false)
        case (.in, .list(let values)): values.contains { value?.equals($0) ?? false }
        case (.notIn, .list(let values)): !values.contains { value?.equals($0) ?? false }
        case (.contains, .text(let part)): value?.contains(part) ?? false
        case (.notContains, .text(let part)): !(value?.contains(part) ?? false)
        case (.startsWith, .text(let part)): value?.hasPrefix(part) ?? false
        case (.endsWith, .text(let part)): value?.hasSuffix(part) ?? false
        case (.greaterThan, .number(let limit)): value?.number.map { $0 > limit } ?? false
        case (.atLeast, .number(let limit)): value?.number.map { $0 >= limit } ?? false
        case (.lessThan, .number(let limit)): value?.number.map { $0 < limit } ?? false
        case (.atMost, .number(let limit)): value?.number.map { $0 <= limit } ?? false
        case (.before, .time(let limit)): value?.time.map { $0 < limit } ?? false
        case (.after, .time(let limit)): value?.time.map { $0 > limit } ?? false
        default: false
        }
    }
}
