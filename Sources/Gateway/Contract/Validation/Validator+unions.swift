import JSON

extension Validator {
    mutating func checkAnyOf(_ value: JSONNode, _ branches: [Int]) -> Bool {
        for branch in branches where matches(value, branch) { return true }
        return reportClosest(value, branches, keyword: "anyOf")
    }

    mutating func checkOneOf(_ value: JSONNode, _ union: UnionRules) -> Bool {
        if let discriminator = union.discriminator, value.kind == .object {
            if let chosen = value[discriminator.key], !chosen.isNull {
                return checkChosen(value, chosen, discriminator)
            }
            // Without the tag, whichever branch fits will do.
            for branch in union.branches where matches(value, branch) { return true }
            if discriminator.isRequired {
                let values = discriminator.values.keys.map { "\"\($0)\"" }.joined(separator: ", ")
                return sink.report("required", member: discriminator.key, "is required: one of \(values)")
            }
            return reportClosest(value, union.branches, keyword: "oneOf")
        }
        var matched: [Int] = []
        for (position, branch) in union.branches.enumerated() where matches(value, branch) { matched.append(position) }
        if matched.isEmpty { return reportClosest(value, meant(by: value, union), keyword: "oneOf") }
        if matched.count == 1 { return true }
        // One of them may extend all the others; then it is the one meant.
        let isChain = matched.contains { position in
            matched.allSatisfy { $0 == position || union.extended[position].contains($0) }
        }
        // Or each knows members that the others do not, and the value has some of one only.
        let named = matched.count { position in union.own[position].contains { !(value[$0]?.isNull ?? true) } }
        let isTold = named == 1 && matched.allSatisfy { !union.own[$0].isEmpty }
        return isChain || isTold
            || sink.report("oneOf", "fits \(matched.count) of the alternatives where exactly one must fit")
    }

    /// The branches that an object which fits none can be meant to be of.
    private func meant(by value: JSONNode, _ union: UnionRules) -> [Int] {
        guard union.isToldByMembers, value.kind == .object else { return union.branches }
        let named = union.own.indices.filter { position in union.own[position].contains { value[$0] != nil } }
        return named.count == 1 ? named.map { union.branches[$0] } : union.branches
    }

    private mutating func checkChosen(
        _ value: JSONNode, _ chosen: JSONNode, _ discriminator: UnionRules.Discriminator
    ) -> Bool {
        if chosen.kind == .string, let place = chosen.withUTF8({ discriminator.values.place(of: $0) }) {
            return check(value, discriminator.schemas[place])
        }
        sink.enter(.key(discriminator.key))
        let goesOn = sink.report(
            "discriminator", Self.enumerationMessage(chosen, discriminator.values.keys.map(JSONValue.string)))
        sink.leave()
        return goesOn
    }

    /// When no alternative fits, what is wrong by the one that comes closest.
    private mutating func reportClosest(_ value: JSONNode, _ branches: [Int], keyword: String) -> Bool {
        var best: (cost: Int, violations: [Violation])?
        var types: TypeSet = []
        var depth = 0
        for branch in branches {
            guard let violations = explain(value, branch) else { return sink.take([]) }
            depth = sink.makeCollector()?.path.count ?? 0
            let cost = violations.reduce(0) { $0 + Self.cost($1, depth: depth) }
            if cost < best?.cost ?? .max { best = (cost, violations) }
            types.formUnion(Schema(graph: graph, index: branch).acceptedTypes)
        }
        guard let best else { return sink.report(keyword, "fits none of the alternatives") }
        let isOfNoType = best.violations.contains { $0.keyword == "type" && $0.path.count == depth }
        if isOfNoType, !types.isEmpty {
            return sink.report("type", "must be \(types.phrase), got \(value.kind.phrase)")
        }
        return best.violations.isEmpty
            ? sink.report(keyword, "fits none of the alternatives") : sink.take(best.violations)
    }

    /// How far a finding speaks against an alternative being the one meant.
    private static func cost(_ violation: Violation, depth: Int) -> Int {
        switch (violation.keyword, violation.path.count - depth) {
        case ("type", 0): 1000
        case ("enum", ...1), ("discriminator", ...1): 40
        case ("additionalProperties", ...1): 10
        case ("required", ...1): 5
        default: 1
        }
    }
}
