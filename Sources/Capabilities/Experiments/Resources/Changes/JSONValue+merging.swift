package import JSON

extension JSONValue {
    /// This object with another's members in the place of its own.
    package func withMembers(of changes: JSONValue) -> JSONValue {
        guard case .object(var members) = self, case .object(let changed) = changes else { return changes }
        for (name, value) in changed { members[name] = value }
        return .object(members)
    }

    /// This value with the members of another laid over it: objects are merged member by member, all else is replaced.
    /// - Parameter kinds: members that say what an object is: one of another kind replaces it.
    package func merged(with changes: JSONValue, kinds: [String] = []) -> JSONValue {
        guard case .object(var members) = self, case .object(let changed) = changes else { return changes }
        for kind in kinds { if let new = changed[kind], new != members[kind] { return changes } }
        for (name, value) in changed {
            members[name] = members[name].map { $0.merged(with: value, kinds: kinds) } ?? value
        }
        return .object(members)
    }
}
