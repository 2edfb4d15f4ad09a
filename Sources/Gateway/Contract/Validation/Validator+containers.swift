import JSON

extension Validator {
    mutating func checkArray(_ value: JSONNode, _ rules: ArrayRules) -> Bool {
        let count = value.count
        if count < rules.minCount {
            let message = "must have at least \(rules.minCount) \(Self.items(rules.minCount)), got \(count)"
            guard sink.report("minItems", message) else { return false }
        }
        if count > rules.maxCount {
            return sink.report(
                "maxItems", "must have at most \(rules.maxCount) \(Self.items(rules.maxCount)), got \(count)")
        }
        if rules.isUnique, count > 1 {
            var seen: Set<JSONValue> = []
            for (position, element) in value.elements.enumerated()
            where !seen.insert(element.value.canonical).inserted {
                sink.enter(.index(position))
                let goesOn = sink.report("uniqueItems", "repeats an earlier item")
                sink.leave()
                guard goesOn else { return false }
            }
        }
        guard let items = rules.items else { return true }
        var position = 0
        for element in value.elements {
            sink.enter(.index(position))
            let goesOn = check(element, items)
            sink.leave()
            guard goesOn else { return false }
            position += 1
        }
        return true
    }

    private static func items(_ count: Int) -> String { count == 1 ? "item" : "items" }

    mutating func checkObject(_ value: JSONNode, _ rules: ObjectRules) -> Bool {
        let isRequest = direction == .request
        var missing = isRequest ? rules.requiredInRequests : rules.requiredInResponses
        for member in value.members {
            let child = member.value
            let place = child.withKeyUTF8 { rules.keys.place(of: $0) }
            if let place {
                let property = rules.properties[place]
                missing &= ~property.requiredBit
                if let schema = property.schema, !(isRequest && property.isReadOnly) {
                    guard checkMember(child, schema) else { return false }
                }
            }
            var isKnown = place != nil
            if !rules.patterns.isEmpty {
                let key = member.key
                for (pattern, schema) in rules.patterns where pattern.matches(key) {
                    isKnown = true
                    guard checkMember(child, schema) else { return false }
                }
            }
            guard !isKnown else { continue }
            switch rules.additional {
            case .allowed: break
            case .forbidden:
                guard sink.report("additionalProperties", member: member.key, "is not a known property") else {
                    return false
                }
            case .schema(let schema): guard checkMember(child, schema) else { return false }
            }
        }
        guard missing == 0 || reportMissing(missing, rules) else { return false }
        for key in rules.requiredOverflow where value[key] == nil {
            guard sink.report("required", member: key, "is required") else { return false }
        }
        return checkCount(value.count, rules)
    }

    private mutating func checkMember(_ value: JSONNode, _ schema: Int) -> Bool {
        sink.enter(.key(value.key ?? ""))
        let goesOn = check(value, schema)
        sink.leave()
        return goesOn
    }

    private mutating func reportMissing(_ missing: UInt64, _ rules: ObjectRules) -> Bool {
        for (place, property) in rules.properties.enumerated() where property.requiredBit & missing != 0 {
            guard sink.report("required", member: rules.keys.keys[place], "is required") else { return false }
        }
        return true
    }

    private mutating func checkCount(_ count: Int, _ rules: ObjectRules) -> Bool {
        if count < rules.minCount {
            return sink.report("minProperties", "must have at least \(rules.minCount) properties, got \(count)")
        }
        if count > rules.maxCount {
            return sink.report("maxProperties", "must have at most \(rules.maxCount) properties, got \(count)")
        }
        return true
    }
}
