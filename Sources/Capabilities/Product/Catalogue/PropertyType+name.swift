public import EventStore

extension PropertyType {
    /// The name that the store and the lookups use (`data_type`).
    public var name: String {
        switch self {
        case .null: "null"
        case .boolean: "boolean"
        case .number: "number"
        case .string: "string"
        case .date: "date"
        case .list: "list"
        case .object: "object"
        }
    }

    init(name: String) {
        self = Self.allCases.first { $0.name == name } ?? .string
    }

    /// The type of a property that has had values of both types: everything can be shown as a string.
    func widened(by other: PropertyType) -> PropertyType {
        if self == other || other == .null { return self }
        return self == .null ? other : .string
    }
}
