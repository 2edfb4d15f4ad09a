public import JSON

extension Schema {
    /// A value without the members, at any depth, that only answers have. Elements of lists keep their `id`: it says
    /// which of the stored ones is meant.
    /// - Parameter isElement: whether the value itself is an element of a list.
    public func withoutReadOnly(_ value: JSONValue, isElement: Bool = false) -> JSONValue {
        graph.withoutReadOnly(value, [index], isElement: isElement)
    }
}

extension SchemaGraph {
    /// - Parameter schemas: everything that applies to the value.
    fileprivate func withoutReadOnly(_ value: JSONValue, _ schemas: [Int], isElement: Bool) -> JSONValue {
        switch value {
        case .array(let elements):
            let items = applicable(schemas).compactMap { nodes[$0].array?.items }
            if items.isEmpty { return value }
            return .array(elements.map { withoutReadOnly($0, items, isElement: true) })
        case .object(let members):
            let objects = applicable(schemas).compactMap { nodes[$0].object }
            if objects.isEmpty { return value }
            return .object(
                JSONObject(
                    members.compactMap { name, member in
                        let properties = objects.compactMap { $0.property(name) }
                        // Whoever may write it in one of the forms may write it.
                        let isReadOnly = !properties.isEmpty && properties.allSatisfy(\.isReadOnly)
                        if isReadOnly, !(isElement && name == "id") { return nil }
                        let schemas = properties.compactMap(\.schema)
                        return (name, withoutReadOnly(member, schemas, isElement: false))
                    }))
        default: return value
        }
    }

    /// The schemas and all that they are put together from.
    func applicable(_ schemas: [Int]) -> [Int] {
        var found: [Int] = []
        var waiting = schemas
        while let schema = waiting.popLast() {
            if found.contains(schema) { continue }
            found.append(schema)
            let node = nodes[schema]
            waiting += node.allOf + node.anyOf + (node.oneOf?.branches ?? [])
        }
        return found
    }
}

extension ObjectRules {
    /// What is known of a key.
    func property(_ name: String) -> Property? {
        keys.place(of: name).map { properties[$0] }
    }
}
