public import JSON

/// The older include and exclude rules of an experience, as the management contract has them.
public enum SiteArea {
    /// The same as a rule tree, which is what is served: one of the rules of `include` matches, if there are any, and
    /// none of `exclude`.
    ///
    /// - Parameter area: An object with `include` and `exclude`; a rule tree is given back as it is.
    /// - Returns: Nil where nothing is restricted.
    public static func rules(from area: JSONValue) -> JSONValue? {
        guard let members = area.object else { return Optional.none }
        guard members["OR"] == nil else { return area }
        let included = members["include"]?.array ?? []
        let excluded = members["exclude"]?.array ?? []
        var blocks: [JSONValue] = included.isEmpty ? [] : [["OR_WHEN": .array(included)]]
        blocks += excluded.map { ["OR_WHEN": [inverted($0)]] }
        return blocks.isEmpty ? Optional.none : .some(["OR": [["AND": .array(blocks)]]])
    }

    private static func inverted(_ rule: JSONValue) -> JSONValue {
        guard var matching = rule["matching"], matching.object != nil else { return rule }
        matching["negated"] = .bool(!(matching["negated"]?.bool ?? false))
        var inverted = rule
        inverted["matching"] = matching
        return inverted
    }
}
