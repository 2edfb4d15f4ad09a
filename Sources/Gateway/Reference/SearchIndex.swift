import Contract
import HTTPTypes
import JSON

/// What the pages' search looks through: a list of kind, title, path, address and words for each operation and schema.
struct SearchIndex {
    let interfaces: [InterfaceReference]

    var bytes: [UInt8] {
        var entries: [JSONValue] = []
        for interface in interfaces {
            for group in interface.groups {
                for operation in group.operations { entries.append(entry(operation, group, interface)) }
            }
            for (name, schema) in interface.tree.schemas { entries.append(entry(name, schema, interface)) }
        }
        return JSONValue.array(entries).encoded()
    }

    private func entry(
        _ operation: ContractOperation, _ group: OperationGroup, _ interface: InterfaceReference
    ) -> JSONValue {
        let description = interface.tree.operation(operation.operationId)?.operation["description"]?.string ?? ""
        return [
            .string(operation.method.rawValue), .string(OperationView.title(operation)), .string(operation.path),
            .string("\(interface.address)/\(group.slug)#\(operation.operationId)"),
            .string("\(operation.operationId) \(group.title) \(interface.title) \(description)"),
        ]
    }

    private func entry(_ name: String, _ schema: JSONValue, _ interface: InterfaceReference) -> JSONValue {
        var fields: [String] = []
        collect(schema, into: &fields, depth: 0)
        let page = interface.homes.page(of: name)
        return [
            "schema", .string(name), .string(interface.title), .string("\(interface.address)/\(page)#schema-\(name)"),
            .string(fields.joined(separator: " ")),
        ]
    }

    /// The names of fields, also of those within.
    private func collect(_ schema: JSONValue, into fields: inout [String], depth: Int) {
        guard depth < 12 else { return }
        for (name, field) in schema["properties"]?.object?.members ?? [] {
            fields.append(name)
            collect(field, into: &fields, depth: depth + 1)
        }
        for keyword in ["allOf", "oneOf", "anyOf"] {
            for part in schema[keyword]?.array ?? [] { collect(part, into: &fields, depth: depth + 1) }
        }
        for keyword in ["items", "additionalProperties"] {
            if let inner = schema[keyword] { collect(inner, into: &fields, depth: depth + 1) }
        }
    }
}
