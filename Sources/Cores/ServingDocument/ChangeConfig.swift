import JSON

/// What variations do, as it is served (contract schema `ExperienceChangeServing`).
struct ChangeConfig {
    /// A variable of a feature.
    private struct Variable {
        let key: String
        let type: String
        /// What it is where a variation does not set it; nil when it has none.
        let standard: JSONValue?
    }

    /// Feature id to its variables.
    private let variables: [Int64: [Variable]]

    init(features: [JSONValue]) {
        variables = Dictionary(
            features.compactMap { feature in
                feature.resourceID.map { ($0, Self.variables(of: feature)) }
            }
        ) { first, _ in first }
    }

    /// A change with its type, or nil when it has none. Ids stay numbers here, that of a feature too: the contract and
    /// the SDKs have it so.
    func make(_ change: JSONValue) -> JSONValue? {
        guard let type = change["type"], let data = change["data"] else { return nil }
        var served = change.picking(["id"])
        served["type"] = type
        served["data"] = .object(self.data(data, ofType: type.string ?? ""))
        return .object(served)
    }

    private func data(_ data: JSONValue, ofType type: String) -> JSONObject {
        let code: Set = ["css", "js", "custom_js"]
        switch type {
        case "defaultCode": return data.picking(["css", "js", "custom_js"], nullable: code)
        case "defaultCodeMultipage": return data.picking(["css", "js", "custom_js", "page_id"], nullable: code)
        case "customCode": return data.picking(["css", "js", "page_id"], nullable: code)
        case "defaultRedirect": return data.picking(["case_sensitive", "original_pattern", "variation_pattern"])
        case "fullStackFeature": return feature(data)
        default: return data.picking(data.object?.keys ?? [], nullable: ["js"])
        }
    }

    /// The values of a feature's variables. One that the variation does not set has its default: that is what the
    /// default is for, and the served features have no place for it.
    private func feature(_ data: JSONValue) -> JSONObject {
        var values = data["variables_data"]?.object ?? JSONObject()
        for variable in data["feature_id"]?.int64.flatMap({ variables[$0] }) ?? [] {
            guard let value = values[variable.key] ?? variable.standard else { continue }
            values[variable.key] = FeatureValue.served(value, type: variable.type)
        }
        return data.picking(["feature_id"]).joined(with: JSONObject([("variables_data", .object(values))]))
    }

    private static func variables(of feature: JSONValue) -> [Variable] {
        (feature["variables"]?.array ?? []).compactMap { variable in
            guard let key = variable["key"]?.string else { return nil }
            let standard = variable["default_value"].flatMap { $0.isNull ? nil : $0 }
            return Variable(key: key, type: variable["type"]?.string ?? "", standard: standard)
        }
    }
}
