import Contract
import JSON
import Text

/// Where each named schema of a contract is shown: once. One that a single operation needs stands there, one that the
/// operations of a single group need on that group's page, and all others on a page of their own.
struct SchemaHomes: Sendable {
    enum Home: Sendable, Hashable {
        case operation(String)
        case group(String)
        case shared
    }

    private var homes: [ClientText: Home] = [:]
    private var byHome: [Home: [String]] = [:]

    init(_ tree: DocumentTree, _ groups: [OperationGroup]) {
        var uses: [ClientText: [String]] = [:]
        for (name, schema) in tree.schemas { uses[ClientText(name)] = Self.references(in: schema) }
        for group in groups {
            for operation in group.operations {
                guard let described = tree.operation(operation.operationId) else { continue }
                var seen: Set<ClientText> = []
                var open = Self.references(in: described.operation, following: tree)
                open += tree.parameters(operation.operationId).flatMap { Self.references(in: $0) }
                while let name = open.popLast() {
                    guard seen.insert(ClientText(name)).inserted else { continue }
                    open += uses[ClientText(name)] ?? []
                    note(name, operation.operationId, group.slug)
                }
            }
        }
        for (name, _) in tree.schemas {
            let home = homes[ClientText(name)] ?? .shared
            byHome[home, default: []].append(name)
        }
    }

    private mutating func note(_ name: String, _ operation: String, _ group: String) {
        switch homes[ClientText(name)] {
        case nil: homes[ClientText(name)] = .operation(group + "/" + operation)
        case .operation(let other)? where other.hasSameBytes(as: group + "/" + operation): break
        case .operation(let other)?:
            homes[ClientText(name)] = other.hasBytePrefix(group + "/") ? .group(group) : .shared
        case .group(let other)?: if !other.hasSameBytes(as: group) { homes[ClientText(name)] = .shared }
        case .shared?: break
        }
    }

    /// The schemas that are shown there, in the order of the document.
    func schemas(at home: Home) -> [String] { byHome[home] ?? [] }

    /// The slug of the page that shows a schema: a group's, or `schemas`.
    func page(of name: String) -> String {
        switch homes[ClientText(name)] ?? .shared {
        case .operation(let place): place.split(byte: "/").first ?? "schemas"
        case .group(let slug): slug
        case .shared: "schemas"
        }
    }

    /// The names of the schemas that a part of the document refers to.
    /// - Parameter tree: where references to bodies, answers and headers are followed; nil follows none.
    private static func references(in value: JSONValue, following tree: DocumentTree? = nil) -> [String] {
        var names: [String] = []
        var open = [value]
        while let next = open.popLast() {
            if let name = DocumentTree.schemaName(next) {
                names.append(name)
            } else if next["$ref"] != nil {
                if let tree { open.append(tree.resolve(next)) }
            } else {
                open += next.object?.members.map(\.value) ?? next.array ?? []
            }
        }
        return names
    }
}
