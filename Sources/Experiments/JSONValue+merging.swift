import JSON

extension JSONValue {
    /// This value with the members of another laid over it: objects are merged member by member, all else is replaced.
    func merged(with changes: JSONValue) -> JSONValue {
        guard case .object(var members) = self, case .object(let changed) = changes else { return changes }
        for (name, value) in changed { members[name] = members[name].map { $0.merged(with: value) } ?? value }
        return .object(members)
    }
}
