import JSON

extension JSONObject {
    /// These members and then the others.
    func joined(with others: JSONObject) -> JSONObject {
        var joined = self
        for (key, value) in others { joined[key] = value }
        return joined
    }
}
