import JSON

extension SchemaCompiler {
    func arrayRules(of place: ContractTree.Place) throws(ContractError) -> ArrayRules? {
        var items: Int?
        if let schema = place.child("items") { items = try index(of: schema) }
        let minCount = count(place, "minItems") ?? 0
        let maxCount = count(place, "maxItems") ?? .max
        let isUnique = place.flag("uniqueItems")
        guard items != nil || minCount > 0 || maxCount < .max || isUnique else { return nil }
        return ArrayRules(items: items, minCount: minCount, maxCount: maxCount, isUnique: isUnique)
    }

    /// - Parameter known: the properties that joined schemas name, which are then no additional ones here.
    func objectRules(of place: ContractTree.Place, known: Set<String>) throws(ContractError) -> ObjectRules? {
        var additional = ObjectRules.Additional.allowed
        var isOpen = false
        if let schema = place.child("additionalProperties") {
            switch schema.value {
            case .bool(true): isOpen = true
            case .bool(false): additional = .forbidden
            case .object(let object) where object.isEmpty: isOpen = true
            default: additional = .schema(try index(of: schema))
            }
        }
        var keys: [String] = []
        var properties: [ObjectRules.Property] = []
        for (key, reference) in place.child("properties")?.members ?? [] {
            let target = try tree.resolve(reference)
            keys.append(key)
            properties.append(
                ObjectRules.Property(
                    schema: try index(of: reference),
                    isReadOnly: Self.isMarked("readOnly", reference, target),
                    isWriteOnly: Self.isMarked("writeOnly", reference, target)))
        }
        var overflow: [String] = []
        var bit: UInt64 = 1
        for key in (place.value["required"]?.array ?? []).compactMap(\.string) {
            guard bit != 0 else {
                overflow.append(key)
                continue
            }
            if let position = keys.firstIndex(of: key) {
                properties[position].requiredBit = bit
            } else {
                keys.append(key)
                properties.append(ObjectRules.Property(schema: nil, requiredBit: bit))
            }
            bit <<= 1
        }
        if case .allowed = additional {
        } else {
            for key in known.subtracting(keys).sorted() {
                keys.append(key)
                properties.append(ObjectRules.Property())
            }
        }
        var patterns: [(pattern: TextPattern, schema: Int)] = []
        for (source, schema) in place.child("patternProperties")?.members ?? [] {
            patterns.append((try textPattern(source, at: schema.pointer), try index(of: schema)))
        }
        let minCount = count(place, "minProperties") ?? 0
        let maxCount = count(place, "maxProperties") ?? .max
        if case .allowed = additional, !isOpen, keys.isEmpty, patterns.isEmpty, minCount == 0, maxCount == .max {
            return nil
        }
        return ObjectRules(
            keys: keys, properties: properties, requiredOverflow: overflow, patterns: patterns, additional: additional,
            isOpen: isOpen, minCount: minCount, maxCount: maxCount)
    }

    /// Contracts put such a mark beside a reference, into what it refers to, or into a part of an `allOf` around it.
    private static func isMarked(
        _ flag: String, _ reference: ContractTree.Place, _ target: ContractTree.Place
    ) -> Bool {
        reference.flag(flag) || target.flag(flag)
            || (reference.child("allOf")?.elements ?? []).contains { $0.flag(flag) }
    }
}
