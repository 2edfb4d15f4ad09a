public import JSON
import Time

/// The types that the catalogue tells apart.
public enum PropertyType: UInt8, Sendable, CaseIterable {
    case null
    case boolean
    case number
    case string
    /// A string that is an ISO 8601 date, with or without a time.
    case date
    case list
    case object

    /// The type of a value.
    public init(of value: JSONNode) {
        switch value.kind {
        case .null: self = .null
        case .boolean: self = .boolean
        case .integer, .unsigned, .double: self = .number
        case .string: self = value.withUTF8(Self.isDate) ? .date : .string
        case .array: self = .list
        case .object: self = .object
        }
    }

    /// The cheap tests come first: nearly every string ends there.
    private static func isDate(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard (10...40).contains(text.count), text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-") else {
            return false
        }
        return Timestamp(utf8: text) != nil
    }
}
