public import JSON

/// The values of a statement's parameters: in their order (`?`, `?1`), or by name (`:name`), or the ones before the others.
public struct Arguments: Sendable, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    private(set) var values: [SQLValue] = []
    private(set) var named: [String: SQLValue] = [:]

    public init() {}

    /// In their order, as the store holds them: what is run for every profile of a batch spares the boxes of a literal.
    public init(_ values: [SQLValue]) {
        self.values = values
    }

    /// In their order.
    public init(_ values: some Sequence<(any StoredValue)?>) {
        self.values = values.map { $0?.sqlValue ?? .null }
    }

    /// In their order.
    public init(_ values: some Sequence<some StoredValue>) {
        self.values = values.map(\.sqlValue)
    }

    public init(arrayLiteral elements: (any StoredValue)?...) {
        self.init(elements)
    }

    /// By name; of a name that is given twice the last value counts.
    public init(dictionaryLiteral elements: (String, (any StoredValue)?)...) {
        for (name, value) in elements { named[name] = value?.sqlValue ?? .null }
    }

    var isEmpty: Bool { values.isEmpty && named.isEmpty }

    /// The others come after these; of a name that both give, theirs counts.
    public static func + (left: Arguments, right: Arguments) -> Arguments {
        var sum = left
        sum += right
        return sum
    }

    public static func += (left: inout Arguments, right: Arguments) {
        left.values += right.values
        left.named.merge(right.named) { $1 }
    }
}

/// A list as one argument, for ``SQL/list(_:)``.
public struct ListArgument: StoredValue {
    public let sqlValue: SQLValue

    public init(_ ids: some Sequence<Int64>) {
        self.init(.array(ids.map { .integer($0) }))
    }

    public init(_ texts: some Sequence<String>) {
        self.init(.array(texts.map { .string($0) }))
    }

    /// - Parameter list: a JSON array of numbers or texts, or an object for ``SQL/value(named:in:)``.
    public init(_ list: JSONValue) {
        sqlValue = .text(list.encodedString)
    }

    /// Lists are asked with, and never read.
    public init?(_ value: SQLValue) { nil }
}
