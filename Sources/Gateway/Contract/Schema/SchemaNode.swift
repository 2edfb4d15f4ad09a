import JSON

/// One schema of a document, compiled. Other schemas are named by their place in the ``SchemaGraph``.
final class SchemaNode: Sendable {
    let pointer: String
    let types: TypeSet
    let isNullable: Bool
    let enumeration: Enumeration?
    let object: ObjectRules?
    let array: ArrayRules?
    let string: StringRules?
    let number: NumberRules?
    let allOf: [Int]
    let anyOf: [Int]
    let oneOf: UnionRules?
    let not: Int?
    let defaultValue: JSONValue?

    init(_ draft: SchemaDraft) {
        pointer = draft.pointer
        types = draft.types
        isNullable = draft.isNullable
        enumeration = draft.enumeration
        object = draft.object
        array = draft.array
        string = draft.string
        number = draft.number
        allOf = draft.allOf
        anyOf = draft.anyOf
        oneOf = draft.oneOf
        not = draft.not
        defaultValue = draft.defaultValue
    }

    /// The schemas that apply to the same value as this one.
    var inPlace: [Int] { allOf + anyOf + (oneOf?.branches ?? []) + (not.map { [$0] } ?? []) }
}

/// A ``SchemaNode`` in the making.
struct SchemaDraft {
    var pointer = ""
    var types: TypeSet = []
    var isNullable = false
    var enumeration: Enumeration?
    var object: ObjectRules?
    var array: ArrayRules?
    var string: StringRules?
    var number: NumberRules?
    var allOf: [Int] = []
    var anyOf: [Int] = []
    var oneOf: UnionRules?
    var not: Int?
    var defaultValue: JSONValue?
}

/// The values of `enum` or `const`.
enum Enumeration: Sendable {
    case strings(KeyTable)
    case values(Set<JSONValue>, listed: [JSONValue])

    init(_ values: [JSONValue]) {
        let strings = values.compactMap(\.string)
        if strings.count == values.count, Set(strings).count == strings.count {
            self = .strings(KeyTable(strings))
        } else {
            self = .values(Set(values.map(\.canonical)), listed: values)
        }
    }

    var listed: [JSONValue] {
        switch self {
        case .strings(let table): table.keys.map(JSONValue.string)
        case .values(_, let listed): listed
        }
    }
}

/// What is asked of objects.
final class ObjectRules: Sendable {
    /// What is known of one key.
    struct Property: Sendable {
        /// The schema of the value; nil when only the key is known.
        var schema: Int?
        /// The bit that stands for the key among the required ones, or 0.
        var requiredBit: UInt64 = 0
        var isReadOnly = false
        var isWriteOnly = false
    }

    enum Additional: Sendable {
        case allowed
        case forbidden
        case schema(Int)
    }

    let keys: KeyTable
    let properties: [Property]
    let requiredInRequests: UInt64
    let requiredInResponses: UInt64
    /// Required keys past the 64th, looked up one by one.
    let requiredOverflow: [String]
    let patterns: [(pattern: TextPattern, schema: Int)]
    let additional: Additional
    /// Whether the contract says that anything may stand beside what it names, rather than nothing of it.
    let isOpen: Bool
    let minCount: Int
    let maxCount: Int

    init(
        keys: [String], properties: [Property], requiredOverflow: [String],
        patterns: [(pattern: TextPattern, schema: Int)], additional: Additional, isOpen: Bool, minCount: Int,
        maxCount: Int
    ) {
        self.keys = KeyTable(keys)
        self.properties = properties
        requiredInRequests = properties.reduce(0) { $0 | ($1.isReadOnly ? 0 : $1.requiredBit) }
        requiredInResponses = properties.reduce(0) { $0 | ($1.isWriteOnly ? 0 : $1.requiredBit) }
        self.requiredOverflow = requiredOverflow
        self.patterns = patterns
        self.additional = additional
        self.isOpen = isOpen
        self.minCount = minCount
        self.maxCount = maxCount
    }
}

/// What is asked of arrays.
final class ArrayRules: Sendable {
    let items: Int?
    let minCount: Int
    let maxCount: Int
    let isUnique: Bool

    init(items: Int?, minCount: Int, maxCount: Int, isUnique: Bool) {
        self.items = items
        self.minCount = minCount
        self.maxCount = maxCount
        self.isUnique = isUnique
    }
}

/// What is asked of strings; lengths count Unicode scalars.
final class StringRules: Sendable {
    let minLength: Int
    let maxLength: Int
    let pattern: TextPattern?
    let format: TextFormat?

    init(minLength: Int, maxLength: Int, pattern: TextPattern?, format: TextFormat?) {
        self.minLength = minLength
        self.maxLength = maxLength
        self.pattern = pattern
        self.format = format
    }
}

/// What is asked of numbers.
final class NumberRules: Sendable {
    let minimum: NumericBound?
    let maximum: NumericBound?
    let multipleOf: Double?

    init(minimum: NumericBound?, maximum: NumericBound?, multipleOf: Double?) {
        self.minimum = minimum
        self.maximum = maximum
        self.multipleOf = multipleOf
    }
}

/// Schemas of which exactly one must match, and how to tell which one is meant.
final class UnionRules: Sendable {
    let branches: [Int]
    let discriminator: Discriminator?
    /// For each branch, the branches that it extends through `allOf`: matching those as well is no contradiction.
    let extended: [Set<Int>]
    /// For each branch, the members that no other branch knows: an object that has some is meant to be of this one.
    let own: [[String]]
    /// Whether each branch requires a member of its own and none is known to all of them: an object that has such members of one
    /// branch only is meant to be of that one, whatever else is wrong with it.
    let isToldByMembers: Bool

    struct Discriminator: Sendable {
        let key: String
        let values: KeyTable
        /// The schema for each value.
        let schemas: [Int]
        /// Whether every branch requires the key.
        let isRequired: Bool
    }

    init(
        branches: [Int], discriminator: Discriminator?, extended: [Set<Int>], own: [[String]], isToldByMembers: Bool
    ) {
        self.own = own
        self.isToldByMembers = isToldByMembers
        self.branches = branches
        self.discriminator = discriminator
        self.extended = extended
    }
}
