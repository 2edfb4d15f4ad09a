import Contract
import HTTPTypes
import JSON
import Text

/// A request as the examples show it: what is needed, and no more.
struct RequestExample {
    enum Body {
        case none
        case json(JSONValue)
        case text(String, type: String)
        /// Fields of a form; a file by its name.
        case form([(name: String, value: String, isFile: Bool)])
    }

    let method: String
    /// The address behind the server's own.
    let path: String
    let headers: [(name: String, value: String)]
    let credential: Credential
    let body: Body
    /// The type of the answer that is shown.
    let isAnswerJSON: Bool

    init(_ operation: ContractOperation, _ callers: Callers, tree: DocumentTree, contract: ContractDocument) {
        let maker = ExampleMaker(tree: tree, contract: contract, direction: .request)
        method = operation.method.rawValue
        var path = operation.path
        var query: [String] = []
        var headers: [(String, String)] = []
        for described in tree.parameters(operation.operationId) {
            let name = described["name"]?.string ?? ""
            let parameter = operation.parameters.first {
                $0.name.hasSameBytes(as: name) && $0.location.rawValue == described["in"]?.string
            }
            guard let parameter, parameter.isRequired, let value = Self.text(described, parameter, maker) else {
                continue
            }
            switch parameter.location {
            case .path:
                path = path.replacing("{\(name)}", with: name == "sdk_key" ? Placeholder.sdkKey : Self.encoded(value))
            case .query: query.append("\(Self.encoded(name))=\(Self.encoded(value))")
            case .header where Self.isOwn(name): headers.append((name, value))
            default: break
            }
        }
        self.path = path + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
        credential = callers.credential
        body = Self.body(operation, tree, maker)
        self.headers = headers
        let answer = operation.responses.first { $0.key.hasBytePrefix("2") }?.value
        isAnswerJSON = answer?.content.keys.contains { $0.hasByteSuffix("json") } ?? false
    }

    /// Whether a header field is no matter of the credential or the body.
    private static func isOwn(_ name: String) -> Bool {
        !["authorization", "content-type", "accept"].contains(name.lowercased())
    }

    private static func text(_ described: JSONValue, _ parameter: Parameter, _ maker: ExampleMaker) -> String? {
        let value =
            described["example"]
            ?? maker.parameter(parameter.name, described["schema"] ?? .null, nil)
        if let elements = value.array { return elements.map { $0.string ?? $0.encodedString }.joined(separator: ",") }
        return value.string ?? value.encodedString
    }

    private static func body(_ operation: ContractOperation, _ tree: DocumentTree, _ maker: ExampleMaker) -> Body {
        guard let request = tree.operation(operation.operationId)?.operation["requestBody"].map(tree.resolve),
            let (type, media) = request["content"]?.object?.members.first
        else { return .none }
        let compiled = operation.requestBody?.content[type.lowercased()]
        let value = example(media, compiled, tree) ?? maker.body(media["schema"] ?? .null, compiled?.schema)
        if type.hasByteSuffix("json") { return .json(value) }
        if type.hasBytePrefix("multipart/") { return .form(form(value, media, tree)) }
        return .text(value.string ?? value.encodedString, type: type)
    }

    /// What the document gives as an example, if it is right.
    static func example(_ media: JSONValue, _ compiled: MediaContract?, _ tree: DocumentTree) -> JSONValue? {
        if let example = media["example"] { return example }
        return media["examples"]?.object?.members.first.map { tree.resolve($0.value)["value"] ?? .null }
    }

    private static func form(_ value: JSONValue, _ media: JSONValue, _ tree: DocumentTree) -> [(String, String, Bool)] {
        let schema = tree.resolve(media["schema"] ?? .null)
        return (value.object?.members ?? []).map { name, value in
            let field = tree.resolve(schema["properties"]?[name] ?? .null)
            let isFile = field["format"]?.string == "binary"
            return (name, value.string ?? value.encodedString, isFile)
        }
    }

    /// As it may stand in an address (RFC 3986).
    private static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126, 58, 64, 44:
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }
        return encoded
    }
}
