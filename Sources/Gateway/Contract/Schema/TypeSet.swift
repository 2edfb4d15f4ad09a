import JSON

/// The JSON types a schema allows; none named means all.
struct TypeSet: OptionSet, Sendable {
    let rawValue: UInt8

    static let null = TypeSet(rawValue: 1)
    static let boolean = TypeSet(rawValue: 2)
    static let integer = TypeSet(rawValue: 4)
    static let number = TypeSet(rawValue: 8)
    static let string = TypeSet(rawValue: 16)
    static let array = TypeSet(rawValue: 32)
    static let object = TypeSet(rawValue: 64)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init?(named name: String) {
        switch name {
        case "null": self = .null
        case "boolean": self = .boolean
        case "integer": self = .integer
        case "number": self = .number
        case "string": self = .string
        case "array": self = .array
        case "object": self = .object
        default: return nil
        }
    }

    /// Whether a value is of one of the types. `3.0` is an integer; a whole number beyond 64 bits is not.
    func allows(_ node: JSONNode) -> Bool {
        switch node.kind {
        case .null: contains(.null)
        case .boolean: contains(.boolean)
        case .integer: !isDisjoint(with: [.integer, .number])
        case .unsigned: contains(.number)
        case .double: contains(.number) || (contains(.integer) && node.int64 != nil)
        case .string: contains(.string)
        case .array: contains(.array)
        case .object: contains(.object)
        }
    }

    /// "a string or a number".
    var phrase: String {
        let names: [(TypeSet, String)] = [
            (.string, "a string"), (.integer, "an integer"), (.number, "a number"), (.boolean, "true or false"),
            (.array, "an array"), (.object, "an object"), (.null, "null"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: " or ")
    }
}
