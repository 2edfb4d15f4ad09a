import JSON
import ProjectDocuments

/// What variations do, as it is served (contract schema `ExperienceChangeServing`).
struct ChangeConfig: Sendable {
    /// Feature id to its variables.
    private let variables: [Int64: [FeatureVariable]]

    init(features: [FeatureDocument]) {
        variables = Dictionary(
            features.compactMap { feature in feature.id.map { ($0, feature.variables) } }
        ) { first, _ in first }
    }

    /// A change with its type, or nil when it has none. Ids stay numbers here, that of a feature too: the contract and
    /// the SDKs have it so.
    func make(_ change: ChangeDocument) -> JSONValue? {
        guard let type = change.members["type"], let data = change.data else { return Optional.none }
        var served = change.picking(["id"])
        served["type"] = type
        served["data"] = .object(self.data(data, of: change.type))
        return .object(served)
    }

    private func data(_ data: ChangeData, of type: ChangeType?) -> JSONObject {
        let code: Set = ["css", "js", "custom_js"]
        switch type {
        case .defaultCode: return data.picking(["css", "js", "custom_js"], nullable: code)
        case .defaultCodeMultipage: return data.picking(["css", "js", "custom_js", "page_id"], nullable: code)
        case .customCode: return data.picking(["css", "js", "page_id"], nullable: code)
        case .defaultRedirect: return data.picking(["case_sensitive", "original_pattern", "variation_pattern"])
        case .fullStackFeature:
            return data.picking(["feature_id"]).joined(with: JSONObject([("variables_data", .object(values(data)))]))
        case .richStructure, nil: return data.picking(data.members.keys, nullable: ["js"])
        }
    }

    /// What a change sets of a feature; nil for one that sets nothing.
    func feature(_ change: ChangeDocument) -> (id: Int64, values: JSONObject)? {
        guard change.type == .fullStackFeature, let data = change.data, let id = data.featureID else { return nil }
        return (id, values(data))
    }

    /// The values of a feature's variables. One that the variation does not set has its default: that is what the
    /// default is for, and the served features have no place for it.
    private func values(_ data: ChangeData) -> JSONObject {
        var values = data.variablesData
        for variable in data.featureID.flatMap({ variables[$0] }) ?? [] {
            guard let key = variable.key, let value = values[key] ?? variable.defaultValue else { continue }
            values[key] = FeatureValue.served(value, type: variable.type)
        }
        return values
    }
}
