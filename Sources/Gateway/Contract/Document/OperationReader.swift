import HTTPTypes
import JSON

/// Reads the operations of a document.
struct OperationReader {
    let tree: ContractTree
    let compiler: SchemaCompiler
    let name: String
    let prefix: String
    let mount: Mount
    private var seen: Set<String> = []

    private static let methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]

    init(tree: ContractTree, compiler: SchemaCompiler, name: String, prefix: String, mount: Mount) {
        self.tree = tree
        self.compiler = compiler
        self.name = name
        self.prefix = prefix
        self.mount = mount
    }

    mutating func operations() throws(ContractError) -> [ContractOperation] {
        var operations: [ContractOperation] = []
        for (template, reference) in tree.top.child("paths")?.members ?? [] where template.hasPrefix("/") {
            let item = try tree.resolve(reference)
            for method in Self.methods {
                guard let place = item.child(method) else { continue }
                if let operationId = place.string("operationId"), mount.omitted.contains(operationId) { continue }
                operations.append(try operation(place, method: method, template: template, item: item))
            }
        }
        return operations
    }

    private mutating func operation(
        _ place: ContractTree.Place, method: String, template: String, item: ContractTree.Place
    ) throws(ContractError) -> ContractOperation {
        guard let operationId = place.string("operationId") else {
            throw .invalid(pointer: place.pointer, reason: "an operation needs an operationId")
        }
        guard seen.insert(operationId).inserted else { throw .duplicateOperation(operationId) }
        guard let verb = HTTPRequest.Method(method.uppercased()) else {
            throw .invalid(pointer: place.pointer, reason: "not a method")
        }
        let own = (ServerPath.first(of: place) ?? ServerPath.first(of: item)).map(ServerPath.normalize)
        let templates = [template] + (item.value["x-alias-paths"]?.array ?? []).compactMap(\.string)
        var paths = mount.moved.contains(operationId) ? [] : templates.map { (own ?? prefix) + $0 }
        for alias in mount.aliases where alias.operationIds?.contains(operationId) ?? true {
            paths += templates.map { ServerPath.normalize(alias.prefix) + $0 }
        }
        guard let mainPath = paths.first else {
            throw .invalid(pointer: place.pointer, reason: "moved operations need a prefix to be moved to")
        }
        var responses: [String: ResponseContract] = [:]
        for (status, reference) in place.child("responses")?.members ?? [] {
            let response = try tree.resolve(reference)
            responses[status.uppercased() == "DEFAULT" ? "default" : status.uppercased()] = ResponseContract(
                description: response.string("description") ?? "", content: try content(of: response))
        }
        return ContractOperation(
            document: name, operationId: operationId, method: verb, path: mainPath,
            aliasPaths: Array(paths.dropFirst()),
            tags: (place.value["tags"]?.array ?? []).compactMap(\.string), summary: place.string("summary") ?? "",
            parameters: try parameters(of: place, item: item, template: template),
            requestBody: try requestBody(of: place), responses: responses, security: security(of: place))
    }

    private func parameters(
        of place: ContractTree.Place, item: ContractTree.Place, template: String
    ) throws(ContractError) -> [Parameter] {
        var parameters: [Parameter] = []
        for reference in (item.child("parameters")?.elements ?? []) + (place.child("parameters")?.elements ?? []) {
            let parameter = try Parameter(tree.resolve(reference), compiler: compiler)
            parameters.removeAll { $0.name == parameter.name && $0.location == parameter.location }
            parameters.append(parameter)
        }
        let named = Set(parameters.filter { $0.location == .path }.map(\.name))
        let wanted = Set(template.split(separator: "/").compactMap(RoutePattern.parameterName))
        guard named == wanted else {
            throw .invalid(
                pointer: place.pointer,
                reason: "the path has parameters \(wanted.sorted()), listed are \(named.sorted())")
        }
        return parameters
    }

    private func requestBody(of place: ContractTree.Place) throws(ContractError) -> RequestBody? {
        guard let reference = place.child("requestBody") else { return nil }
        let body = try tree.resolve(reference)
        return RequestBody(isRequired: body.flag("required"), content: try content(of: body))
    }

    private func content(of place: ContractTree.Place) throws(ContractError) -> [String: MediaContract] {
        var content: [String: MediaContract] = [:]
        for (type, media) in place.child("content")?.members ?? [] {
            var examples: [String: JSONValue] = [:]
            if let example = media.value["example"] { examples["example"] = example }
            for (name, reference) in media.child("examples")?.members ?? [] {
                examples[name] = try tree.resolve(reference).value["value"]
            }
            var schema: Schema?
            if let place = media.child("schema") { schema = try compiler.schema(at: place) }
            content[MediaType.essence(of: type)] = MediaContract(schema: schema, examples: examples)
        }
        return content
    }

    private func security(of place: ContractTree.Place) -> SecurityRequirement {
        guard let entries = (place.value["security"] ?? tree.root["security"])?.array else { return .unspecified }
        let schemes = entries.map { $0.object?.keys.sorted() ?? [] }
        return schemes.contains { !$0.isEmpty } ? .schemes(schemes) : SecurityRequirement.none
    }
}
