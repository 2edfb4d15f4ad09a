import JSON
import Text

/// What several schemas ask of one value together: those that are named, those of `allOf`, and of each set of
/// alternatives one.
struct SchemaSum {
    let tree: DocumentTree
    /// Which of several alternatives is taken, counted round.
    let branch: Int

    /// What the type is; nil when nothing says it.
    private(set) var type: String?
    private(set) var isNullable = false
    private(set) var example: JSONValue?
    private(set) var defaultValue: JSONValue?
    private(set) var enumeration: [JSONValue]?
    private(set) var items: [JSONValue] = []
    /// What the values of other members must match.
    private(set) var values: JSONValue?
    /// Whether other members may be there.
    private(set) var isOpen = true
    private(set) var parts: [JSONValue] = []

    private var properties: [(name: String, schemas: [JSONValue])] = []
    private var places: [ClientText: Int] = [:]
    private var required: Set<ClientText> = []
    /// For each part that lets no other members in: those that it knows.
    private var closed: [Set<ClientText>] = []

    init(tree: DocumentTree, branch: Int) {
        self.tree = tree
        self.branch = branch
    }

    /// Adds a schema.
    mutating func add(_ schema: JSONValue, depth: Int = 0) {
        guard depth < 24 else { return }
        let schema = tree.resolve(schema)
        parts.append(schema)
        if let type = schema["type"]?.string, self.type == nil { self.type = type }
        isNullable = isNullable || schema["nullable"]?.bool == true
        if example == nil { example = schema["example"] }
        if defaultValue == nil { defaultValue = schema["default"] }
        if let values = schema["enum"]?.array {
            enumeration = enumeration.map { known in known.filter { value in values.contains(value) } } ?? values
        }
        if let items = schema["items"] {
            self.items.append(items)
            if type == nil { type = "array" }
        }
        addMembers(of: schema)
        for part in schema["allOf"]?.array ?? [] { add(part, depth: depth + 1) }
        for keyword in ["oneOf", "anyOf"] {
            guard let branches = schema[keyword]?.array, !branches.isEmpty else { continue }
            add(branches[branch % branches.count], of: schema, depth: depth)
        }
    }

    private mutating func add(_ chosen: JSONValue, of schema: JSONValue, depth: Int) {
        if let key = schema["discriminator"]?["propertyName"]?.string, let name = DocumentTree.schemaName(chosen) {
            let mapping = schema["discriminator"]?["mapping"]?.object?.members ?? []
            let value =
                mapping.first { _, target in
                    target.string.map { $0.hasSameBytes(as: name) || $0.hasByteSuffix("/" + name) } ?? false
                }?.key ?? name
            addMember(key, ["enum": [.string(value)]])
        }
        add(chosen, depth: depth + 1)
    }

    private mutating func addMembers(of schema: JSONValue) {
        let members = schema["properties"]?.object?.members ?? []
        if !members.isEmpty, type == nil { type = "object" }
        for (name, member) in members { addMember(name, member) }
        for name in schema["required"]?.array?.compactMap(\.string) ?? [] { required.insert(ClientText(name)) }
        switch schema["additionalProperties"] {
        case .bool(false)?:
            isOpen = false
            closed.append(Set(members.map { ClientText($0.key) }))
        case .object(let object)?:
            values = .object(object)
            if type == nil { type = "object" }
        default: break
        }
    }

    private mutating func addMember(_ name: String, _ schema: JSONValue) {
        if let place = places[ClientText(name)] {
            properties[place].schemas.append(schema)
        } else {
            places[ClientText(name)] = properties.count
            properties.append((name, [schema]))
        }
    }

    func requires(_ name: String) -> Bool { required.contains(ClientText(name)) }

    /// The members that all parts let in.
    var members: [(name: String, schemas: [JSONValue])] {
        properties.filter { member in closed.allSatisfy { $0.contains(ClientText(member.name)) } }
    }

    /// The greatest of the lower bounds that a keyword sets.
    func least(_ keyword: String) -> Double? { parts.compactMap { $0[keyword]?.double }.max() }

    /// The least of the upper bounds that a keyword sets.
    func most(_ keyword: String) -> Double? { parts.compactMap { $0[keyword]?.double }.min() }

    func text(_ keyword: String) -> String? { parts.compactMap { $0[keyword]?.string }.first }

    func flag(_ keyword: String) -> Bool { parts.contains { $0[keyword]?.bool == true } }
}
