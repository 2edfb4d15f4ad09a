public import JSON

/// The parameters of a request, decoded, valid, and with defaults in place of absent ones.
public struct ParameterValues: Sendable {
    /// Those in the path.
    public let path: Group
    /// Those in the query.
    public let query: Group
    /// Those in header fields.
    public let header: Group
    /// Those in cookies.
    public let cookie: Group

    /// The parameters of one place.
    public struct Group: Sendable {
        let root: JSONNode?
        let given: Set<String>

        /// Whether the request had the parameter, rather than its default being used.
        public func isGiven(_ name: String) -> Bool { given.contains(name) }

        /// The value as JSON, read by the type its schema names; nil when absent without default.
        public subscript(name: String) -> JSONNode? { root?[name] }

        /// The value of a parameter of type string.
        public func string(_ name: String) -> String? { self[name]?.string }

        /// The value of a parameter of type integer.
        public func integer(_ name: String) -> Int64? { self[name]?.int64 }

        /// The value of a parameter of type number or integer.
        public func number(_ name: String) -> Double? { self[name]?.double }

        /// The value of a parameter of type boolean.
        public func bool(_ name: String) -> Bool? { self[name]?.bool }

        /// The elements of a parameter of type array; none when it is absent.
        public func array(_ name: String) -> [JSONNode] { self[name].map { Array($0.elements) } ?? [] }

        /// The elements of a parameter of type array that are strings; none when it is absent.
        public func strings(_ name: String) -> [String] { array(name).compactMap(\.string) }

        static let empty = Group(root: nil, given: [])
    }

    /// No parameters at all.
    public static let none = ParameterValues(path: .empty, query: .empty, header: .empty, cookie: .empty)
}
