import Foundation
public import JSON

/// An OpenAPI 3.0 or 3.1 document, ready for use: its operations, with their parameters and schemas compiled.
///
/// ```swift
/// let contract = try ContractDocument.load("userpilot")
/// let table = try RouteTable([contract])
/// ```
public struct ContractDocument: Sendable {
    /// The name the document is served under, such as `userpilot`.
    public let name: String
    /// `info.title`.
    public let title: String
    /// `info.version`.
    public let version: String
    /// The document byte for byte, to be served.
    public let yaml: [UInt8]
    /// The document as JSON, to be rendered or searched.
    public let tree: JSONValue
    /// What stands before every path of the document, such as `/api/v2`; may be empty.
    public let prefix: String
    /// The operations in the order of the document.
    public let operations: [ContractOperation]

    private let schemas: [String: Schema]
    private let positions: [String: Int]

    /// Loads one of the documents that come with the program.
    ///
    /// - Throws: ``ContractError`` when there is none of that name or it has a mistake.
    public static func load(_ name: String, mount: Mount = .asDocumented) throws(ContractError) -> ContractDocument {
        guard !name.contains("/"),
            let url = Bundle.module.url(forResource: "Documents/\(name)", withExtension: "yaml"),
            let data = try? Data(contentsOf: url)
        else { throw .noSuchDocument(name) }
        return try ContractDocument(yaml: [UInt8](data), name: name, mount: mount)
    }

    /// Reads a document.
    ///
    /// - Throws: ``ContractError`` with the place of the mistake.
    public init(yaml: [UInt8], name: String, mount: Mount = .asDocumented) throws(ContractError) {
        guard let text = String(validating: yaml, as: UTF8.self) else {
            throw .malformedDocument(name: name, reason: "it is not UTF-8")
        }
        let tree = ContractTree(root: try YAMLTree.parse(text, name: name))
        let openAPI = tree.top.string("openapi") ?? ""
        guard openAPI.hasPrefix("3.0") || openAPI.hasPrefix("3.1") else {
            throw .invalid(pointer: "#/openapi", reason: "must be 3.0.x or 3.1.x")
        }
        self.name = name
        self.yaml = yaml
        self.tree = tree.root
        title = tree.top.child("info")?.string("title") ?? name
        version = tree.top.child("info")?.string("version") ?? ""
        prefix = ServerPath.normalize(mount.prefix ?? ServerPath.first(of: tree.top) ?? "")

        let compiler = SchemaCompiler(tree: tree, isVersion30: openAPI.hasPrefix("3.0"))
        var schemas: [String: Schema] = [:]
        for (key, place) in tree.top.child("components")?.child("schemas")?.members ?? [] {
            schemas[key] = try compiler.schema(at: place)
        }
        var reader = OperationReader(tree: tree, compiler: compiler, name: name, prefix: prefix, mount: mount)
        operations = try reader.operations()
        try compiler.finish()
        self.schemas = schemas
        positions = Dictionary(uniqueKeysWithValues: operations.enumerated().map { ($1.operationId, $0) })
    }

    /// The operation with this operationId.
    public func operation(_ operationId: String) -> ContractOperation? { positions[operationId].map { operations[$0] } }

    /// The schema of this name among the components.
    public func schema(_ name: String) -> Schema? { schemas[name] }

    /// The names of the schemas among the components.
    public var schemaNames: [String] { schemas.keys.sorted() }
}
