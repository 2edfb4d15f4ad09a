import JSON
import ProjectDocuments
import ServingDocument
import Text

/// A feature of a config, whose variables have types.
struct PlannedFeature: Sendable {
    let id: String
    let key: String
    let name: String
    private let types: [ClientText: String]

    init(_ feature: ServedFeature) {
        id = feature.id
        key = feature.key
        name = feature.name.string ?? ""
        var types: [ClientText: String] = [:]
        for variable in feature.variables {
            if let key = variable.key { types[ClientText(key)] = variable.type }
        }
        self.types = types
    }

    /// Values in the types of their variables; what does not fit stays as it is.
    func cast(_ values: JSONObject) -> JSONObject {
        JSONObject(values.map { name, value in (name, Self.cast(value, types[ClientText(name)] ?? "")) })
    }

    private static func cast(_ value: JSONValue, _ type: String) -> JSONValue {
        guard let text = value.string else { return value }
        switch type {
        case "boolean": return .bool(["true", "1", "yes"].contains(text.lowercased()))
        case "integer": return Int64(text).map { .integer($0) } ?? value
        case "float": return Double(text).flatMap { $0.isFinite ? .double($0) : nil } ?? value
        case "json": return (try? JSONValue(parsing: text)) ?? value
        default: return value
        }
    }
}
