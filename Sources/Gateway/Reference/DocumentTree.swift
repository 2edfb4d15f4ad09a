import Contract
import JSON
import Text

/// A contract's document, with the means to follow its references and to find its operations.
struct DocumentTree: Sendable {
    let root: JSONValue
    private let operations: [ClientText: (item: JSONValue, operation: JSONValue)]

    init(_ contract: ContractDocument) {
        root = contract.tree
        var operations: [ClientText: (item: JSONValue, operation: JSONValue)] = [:]
        for (_, item) in root["paths"]?.object?.members ?? [] {
            for (_, operation) in item.object?.members ?? [] {
                guard let name = operation["operationId"]?.string else { continue }
                operations[ClientText(name)] = (item, operation)
            }
        }
        self.operations = operations
    }

    /// The operation as the document describes it, with the path it belongs to.
    func operation(_ operationId: String) -> (item: JSONValue, operation: JSONValue)? {
        operations[ClientText(operationId)]
    }

    /// The parameters of an operation, those of its path included; what the operation says itself counts.
    func parameters(_ operationId: String) -> [JSONValue] {
        guard let (item, operation) = operation(operationId) else { return [] }
        var parameters: [JSONValue] = []
        for parameter in ((item["parameters"]?.array ?? []) + (operation["parameters"]?.array ?? [])).map(resolve) {
            parameters.removeAll { $0["name"] == parameter["name"] && $0["in"] == parameter["in"] }
            parameters.append(parameter)
        }
        return parameters
    }

    /// The value itself, or the one that its references lead to; null where they lead nowhere.
    func resolve(_ value: JSONValue) -> JSONValue {
        var current = value
        for _ in 0..<16 {
            guard let reference = current["$ref"]?.string else { return current }
            current = lookUp(reference)
        }
        return .null
    }

    private func lookUp(_ reference: String) -> JSONValue {
        var place = root
        for part in reference.split(byte: "/").dropFirst() {
            guard let child = place[part.replacing("~1", with: "/").replacing("~0", with: "~")] else { return .null }
            place = child
        }
        return place
    }

    /// The name of the schema among the components that a reference leads to.
    static func schemaName(_ schema: JSONValue) -> String? {
        let prefix = "#/components/schemas/"
        guard let reference = schema["$ref"]?.string, reference.hasBytePrefix(prefix) else { return nil }
        return String(reference.dropFirst(prefix.count))
    }

    /// The schemas among the components, in the order of the document.
    var schemas: [(name: String, schema: JSONValue)] {
        (root["components"]?["schemas"]?.object?.members ?? []).map { ($0.key, $0.value) }
    }

    func schema(_ name: String) -> JSONValue { root["components"]?["schemas"]?[name] ?? .null }
}
