import JSON

/// Turns the schemas of a document into a ``SchemaGraph``. Each is compiled once, which also ends recursion.
final class SchemaCompiler {
    let tree: ContractTree
    let isVersion30: Bool
    let graph = SchemaGraph()

    private var indices: [String: Int] = [:]
    private var nodes: [SchemaNode?] = []

    /// What has been found out about schemas, by their pointers.
    var knownNames: [String: Set<String>] = [:]
    var knownClosed: [String: Bool] = [:]

    init(tree: ContractTree, isVersion30: Bool) {
        self.tree = tree
        self.isVersion30 = isVersion30
    }

    /// The schema at a place, following references.
    func schema(at place: ContractTree.Place) throws(ContractError) -> Schema {
        Schema(graph: graph, index: try index(of: place))
    }

    /// Hands the schemas over to the graph, once all are compiled.
    func finish() throws(ContractError) {
        graph.fill(ContiguousArray(nodes.compactMap(\.self)))
        try SchemaCycles(nodes: graph.nodes).check()
    }

    /// The place in the graph of the schema there, compiled now unless it was before.
    ///
    /// - Parameter known: the properties that schemas joined to this one name.
    func index(of reference: ContractTree.Place, known: Set<String> = []) throws(ContractError) -> Int {
        let hasSiblings = !isVersion30 && (reference.value.object?.count ?? 0) > 1
        let place = reference.value["$ref"] != nil && hasSiblings ? reference : try tree.resolve(reference)
        let relevant = known.isEmpty ? false : try closes(place)
        let key = relevant ? place.pointer + "\n" + known.sorted().joined(separator: "\n") : place.pointer
        if let index = indices[key] { return index }
        let index = nodes.count
        indices[key] = index
        nodes.append(nil)
        nodes[index] = SchemaNode(try compile(place, known: relevant ? known : []))
        return index
    }

    private func compile(_ place: ContractTree.Place, known: Set<String>) throws(ContractError) -> SchemaDraft {
        var draft = SchemaDraft()
        draft.pointer = place.pointer
        if let flag = place.value.bool {
            if !flag {
                draft.not = try index(of: ContractTree.Place(value: .bool(true), pointer: place.pointer + "#not"))
            }
            return draft
        }
        guard place.value.object != nil else { throw .invalid(pointer: place.pointer, reason: "a schema is an object") }

        draft.types = try types(of: place)
        draft.defaultValue = place.value["default"]
        if let constant = place.value["const"] {
            draft.enumeration = Enumeration([constant])
        } else if let values = place.value["enum"]?.array {
            draft.enumeration = Enumeration(values)
            draft.isNullable = isVersion30 && values.contains(.null)
        }
        if isVersion30, place.flag("nullable") { draft.isNullable = true }
        draft.number = numberRules(of: place)
        draft.string = try stringRules(of: place)
        draft.array = try arrayRules(of: place)

        let scope = try CompositionScope(place, known: known, compiler: self)
        draft.object = try objectRules(of: place, known: scope.knownToSelf)
        if place.value["$ref"] != nil {
            draft.allOf.append(try index(of: tree.resolve(place), known: scope.knownToParts))
        }
        for part in place.child("allOf")?.elements ?? [] {
            draft.allOf.append(try index(of: part, known: scope.knownToParts))
        }
        for branch in place.child("anyOf")?.elements ?? [] {
            draft.anyOf.append(try index(of: branch, known: scope.knownToBranches))
        }
        draft.oneOf = try unionRules(of: place, known: scope.knownToBranches)
        if let negated = place.child("not") { draft.not = try index(of: negated) }
        return draft
    }

    private func types(of place: ContractTree.Place) throws(ContractError) -> TypeSet {
        let names: [String]
        switch place.value["type"] {
        case nil: return []
        case .string(let name)?: names = [name]
        case let value?: names = (value.array ?? []).compactMap(\.string)
        }
        var types: TypeSet = []
        for name in names {
            guard let type = TypeSet(named: name) else {
                throw .invalid(pointer: place.pointer + "/type", reason: "\(name) is not a type")
            }
            types.insert(type)
        }
        return types
    }
}
