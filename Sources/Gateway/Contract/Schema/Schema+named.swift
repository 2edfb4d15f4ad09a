public import JSON

extension Schema {
    /// A value of which only that is made which the contract names: members that no schema of an object names are passed
    /// over, at any depth. An object of which the contract names no member, or has a schema for those it does not name,
    /// is made whole.
    public func named(_ node: JSONNode) -> JSONValue { graph.named(node, [index]) }
}

extension SchemaGraph {
    /// - Parameter schemas: everything that applies to the value.
    fileprivate func named(_ node: JSONNode, _ schemas: [Int]) -> JSONValue {
        switch node.kind {
        case .array:
            let items = applicable(schemas).compactMap { nodes[$0].array?.items }
            guard !items.isEmpty else { return node.value }
            return .array(node.elements.map { named($0, items) })
        case .object:
            let objects = applicable(schemas).compactMap { nodes[$0].object }
            guard objects.contains(where: { !$0.properties.isEmpty }), !objects.contains(where: \.describesOthers)
            else {
                return node.value
            }
            var members = JSONObject()
            for member in node.members {
                let name = member.key
                let properties = objects.compactMap { $0.property(name) }
                if properties.isEmpty { continue }
                members[name] = named(member.value, properties.compactMap(\.schema))
            }
            return .object(members)
        default: return node.value
        }
    }
}

extension ObjectRules {
    /// Whether something is said of members that are not named.
    var describesOthers: Bool {
        if case .schema = additional { return true }
        return !patterns.isEmpty
    }
}
