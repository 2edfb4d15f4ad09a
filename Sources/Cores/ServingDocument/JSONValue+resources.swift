import JSON

/// Reading what the management interface shows.
extension JSONValue {
    /// The id of a resource that is shown as its id or expanded.
    var resourceID: Int64? { int64 ?? self["id"]?.int64 }

    /// The id of an expanded resource as the serving contract writes it.
    var idText: JSONValue { .string(resourceID.map { String($0) } ?? "") }

    /// The ids that a member lists, ascending, each once.
    func resourceIDs(_ member: String) -> [Int64] {
        Set((self[member]?.array ?? []).compactMap(\.resourceID)).sorted()
    }

    /// The members of these names, in this order. Null counts as absent unless the contract allows it.
    func picking(_ names: [String], nullable: Set<String> = []) -> JSONObject {
        JSONObject(
            names.compactMap { name in
                guard let value = self[name], !value.isNull || nullable.contains(name) else { return nil }
                return (name, value)
            })
    }
}

extension [JSONValue] {
    /// Resources by ascending id, each id once; what has no id is left out.
    var byID: [JSONValue] {
        var seen: Set<Int64> = []
        return compactMap { resource in resource["id"]?.int64.map { (id: $0, resource: resource) } }
            .filter { seen.insert($0.id).inserted }
            .sorted { $0.id < $1.id }
            .map(\.resource)
    }
}

extension JSONObject {
    /// These members and then the others.
    func joined(with others: JSONObject) -> JSONObject {
        var joined = self
        for (key, value) in others { joined[key] = value }
        return joined
    }
}
