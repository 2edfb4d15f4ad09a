import JSON

/// Which properties the schemas that apply to one object know of, so that a closed one among them lets the others' pass.
struct CompositionScope {
    /// For the schema itself: its own, those of its parts and of its alternatives, those known outside.
    let knownToSelf: Set<String>
    /// For the parts of `allOf`: the same.
    var knownToParts: Set<String> { knownToSelf }
    /// For the alternatives of `anyOf` and `oneOf`: all but those of other alternatives.
    let knownToBranches: Set<String>

    init(_ place: ContractTree.Place, known: Set<String>, compiler: SchemaCompiler) throws(ContractError) {
        let isComposed = ["allOf", "anyOf", "oneOf", "$ref"].contains { place.value[$0] != nil }
        guard isComposed || !known.isEmpty else {
            knownToSelf = []
            knownToBranches = []
            return
        }
        var names = known.union(place.child("properties")?.value.object?.keys ?? [])
        for part in place.child("allOf")?.elements ?? [] { names.formUnion(try compiler.propertyNames(of: part)) }
        if place.value["$ref"] != nil { names.formUnion(try compiler.propertyNames(of: compiler.tree.resolve(place))) }
        knownToBranches = names
        for keyword in ["anyOf", "oneOf"] {
            for branch in place.child(keyword)?.elements ?? [] {
                names.formUnion(try compiler.propertyNames(of: branch))
            }
        }
        knownToSelf = names
    }
}

extension SchemaCompiler {
    /// The properties that a schema and those joined to it name.
    func propertyNames(of reference: ContractTree.Place) throws(ContractError) -> Set<String> {
        if let names = knownNames[reference.pointer] { return names }
        var names: Set<String> = []
        try visit(reference) { place in
            names.formUnion(place.child("properties")?.value.object?.keys ?? [])
            return true
        }
        knownNames[reference.pointer] = names
        return names
    }

    /// Whether a schema, or one joined to it, restricts additional properties.
    func closes(_ reference: ContractTree.Place) throws(ContractError) -> Bool {
        if let isClosed = knownClosed[reference.pointer] { return isClosed }
        var isClosed = false
        try visit(reference) { place in
            if let additional = place.value["additionalProperties"], additional != .bool(true) { isClosed = true }
            return !isClosed
        }
        knownClosed[reference.pointer] = isClosed
        return isClosed
    }

    /// Calls the body with a schema and all that apply to the same value, until it returns false.
    private func visit(
        _ reference: ContractTree.Place, _ body: (ContractTree.Place) -> Bool
    ) throws(ContractError) {
        var open = [reference]
        var seen: Set<String> = []
        while let next = open.popLast() {
            guard seen.insert(next.pointer).inserted else { continue }
            guard body(next) else { return }
            if next.value["$ref"] != nil { open.append(try tree.resolve(next)) }
            for keyword in ["allOf", "anyOf", "oneOf"] { open += next.child(keyword)?.elements ?? [] }
        }
    }
}
