public import JSON
public import Text

extension Schema {
    /// Members of objects that no schema of the object names, at any depth, in the order of the document: nothing reads
    /// them. Those that are null are passed over, and so is an object of which the contract names no member, describes those
    /// that it does not name, or says that there may be any.
    /// - Returns: at most `UnknownName.maximumCount`.
    public func unknownNames(in node: JSONNode) -> [UnknownName] {
        var search = UnknownNameSearch(graph: graph)
        search.look(at: node, [index], path: [])
        return search.found
    }
}

/// One walk through a document.
private struct UnknownNameSearch {
    let graph: SchemaGraph
    private(set) var found: [UnknownName] = []
    /// By the schemas that apply to a value: the elements of a long list have the same.
    private var known: [[Int]: Known] = [:]

    init(graph: SchemaGraph) {
        self.graph = graph
    }

    /// What is known of values to which some schemas apply.
    private final class Known {
        let objects: [ObjectRules]
        let items: [Int]
        /// Whether nothing reads a member that none of them names.
        let isClosed: Bool
        lazy var suggestions = NameSuggestions(objects.flatMap(\.keys.keys))

        init(_ schemas: [Int], _ graph: SchemaGraph) {
            let nodes = graph.applicable(schemas).map { graph.nodes[$0] }
            objects = nodes.compactMap(\.object)
            items = nodes.compactMap { $0.array?.items }
            isClosed =
                objects.contains { !$0.properties.isEmpty } && !objects.contains { $0.isOpen || $0.describesOthers }
        }
    }

    private mutating func known(_ schemas: [Int]) -> Known {
        if let known = known[schemas] { return known }
        let new = Known(schemas, graph)
        known[schemas] = new
        return new
    }

    /// - Parameter schemas: everything that applies to the value.
    mutating func look(at node: JSONNode, _ schemas: [Int], path: [JSONPathComponent]) {
        guard found.count < UnknownName.maximumCount, node.kind == .object || node.kind == .array else { return }
        let known = known(schemas)
        if node.kind == .array {
            guard !known.items.isEmpty else { return }
            for (place, element) in node.elements.enumerated() {
                look(at: element, known.items, path: path + [.index(place)])
            }
            return
        }
        for member in node.members {
            guard found.count < UnknownName.maximumCount else { return }
            let value = member.value
            let properties = value.withKeyUTF8 { key in
                known.objects.compactMap { rules in rules.keys.place(of: key).map { rules.properties[$0] } }
            }
            if !properties.isEmpty {
                look(at: value, properties.compactMap(\.schema), path: path + [.key(member.key)])
            } else if known.isClosed, !value.isNull {
                found.append(
                    UnknownName(
                        path: JSONPathComponent.describe(path + [.key(member.key)]),
                        suggestion: known.suggestions.suggestion(for: member.key)))
            }
        }
    }
}
