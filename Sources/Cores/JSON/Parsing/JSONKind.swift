/// What a JSON value is. Numbers are told apart by how they were written and what they fit.
public enum JSONKind: Sendable, Hashable {
    case null
    case boolean
    /// A number written without fraction or exponent that fits `Int64`.
    case integer
    /// A number written without fraction or exponent that fits `UInt64` but not `Int64`.
    case unsigned
    /// Any other number; its value is the nearest double, its exact text is kept.
    case double
    case string
    case array
    case object

    /// Whether the value is a number of any sort.
    @inlinable public var isNumber: Bool { self == .integer || self == .unsigned || self == .double }

    /// The kind in a sentence, with its article: "a string", "an array", "null".
    public var phrase: String {
        switch self {
        case .null: "null"
        case .boolean: "a boolean"
        case .integer, .unsigned, .double: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
