import JSON

extension SchemaCompiler {
    func unionRules(of place: ContractTree.Place, known: Set<String>) throws(ContractError) -> UnionRules? {
        guard let elements = place.child("oneOf")?.elements else { return nil }
        var branches: [Int] = []
        for element in elements { branches.append(try index(of: element, known: known)) }
        var extended: [Set<Int>] = []
        for element in elements {
            let ancestors = try ancestors(of: element)
            var positions: Set<Int> = []
            for (position, other) in elements.enumerated() {
                if ancestors.contains(try tree.resolve(other).pointer) { positions.insert(position) }
            }
            extended.append(positions)
        }
        return UnionRules(
            branches: branches, discriminator: try discriminator(of: place, elements: elements, known: known),
            extended: extended, own: try ownMembers(of: elements),
            isToldByMembers: try isToldByMembers(elements))
    }

    private func isToldByMembers(_ elements: [ContractTree.Place]) throws(ContractError) -> Bool {
        let own = try ownMembers(of: elements)
        for (position, element) in elements.enumerated() {
            var requiresOwn = false
            for name in own[position] where try requires(name, element) { requiresOwn = true }
            if !requiresOwn { return false }
        }
        var common: Set<String>?
        for element in elements {
            let known = try members(of: element)
            common = common?.intersection(known) ?? known
        }
        return common?.isEmpty ?? false
    }

    /// For each schema, the members that none of the others knows.
    private func ownMembers(of elements: [ContractTree.Place]) throws(ContractError) -> [[String]] {
        var known: [Set<String>] = []
        for element in elements { known.append(try members(of: element)) }
        return known.indices.map { position in
            known[position].filter { name in
                !known.indices.contains { $0 != position && known[$0].contains(name) }
            }.sorted()
        }
    }

    /// The members that a schema knows, by itself or through `allOf`.
    private func members(of reference: ContractTree.Place) throws(ContractError) -> Set<String> {
        var found: Set<String> = []
        var seen: Set<String> = []
        var open = [try tree.resolve(reference)]
        while let place = open.popLast() {
            guard seen.insert(place.pointer).inserted else { continue }
            found.formUnion((place.child("properties")?.members ?? []).map(\.key))
            for part in place.child("allOf")?.elements ?? [] { open.append(try tree.resolve(part)) }
        }
        return found
    }

    private func discriminator(
        of place: ContractTree.Place, elements: [ContractTree.Place], known: Set<String>
    ) throws(ContractError) -> UnionRules.Discriminator? {
        guard let discriminator = place.child("discriminator"), let key = discriminator.string("propertyName") else {
            return nil
        }
        var values: [String] = []
        var schemas: [Int] = []
        if let mapping = discriminator.child("mapping")?.members {
            for (value, target) in mapping {
                let name = target.value.string ?? ""
                let reference = name.contains("/") ? name : "#/components/schemas/\(name)"
                guard let schema = tree.lookUp(reference) else {
                    throw .danglingReference(reference, pointer: target.pointer)
                }
                values.append(value)
                schemas.append(try index(of: schema, known: known))
            }
        } else {
            for element in elements {
                guard let name = element.string("$ref")?.split(separator: "/").last else { continue }
                values.append(String(name))
                schemas.append(try index(of: element, known: known))
            }
        }
        var isRequired = true
        for element in elements where try !requires(key, element) { isRequired = false }
        return UnionRules.Discriminator(
            key: key, values: KeyTable(values), schemas: schemas, isRequired: isRequired)
    }

    /// The pointers of the schemas that one extends through `allOf`, directly or not.
    private func ancestors(of reference: ContractTree.Place) throws(ContractError) -> Set<String> {
        var found: Set<String> = []
        var open = [try tree.resolve(reference)]
        while let place = open.popLast() {
            for part in place.child("allOf")?.elements ?? [] {
                let target = try tree.resolve(part)
                if found.insert(target.pointer).inserted { open.append(target) }
            }
        }
        return found
    }

    private func requires(_ key: String, _ reference: ContractTree.Place) throws(ContractError) -> Bool {
        var places = [try tree.resolve(reference)]
        var index = 0
        var seen: Set<String> = []
        while index < places.count {
            let place = places[index]
            index += 1
            guard seen.insert(place.pointer).inserted else { continue }
            if place.value["required"]?.array?.contains(.string(key)) ?? false { return true }
            for part in place.child("allOf")?.elements ?? [] { places.append(try tree.resolve(part)) }
        }
        return false
    }
}
