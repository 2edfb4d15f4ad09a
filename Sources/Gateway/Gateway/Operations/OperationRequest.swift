public import Contract
public import HTTPTypes
public import InternetAddress
public import JSON
public import Text

/// A request that passed the gateway: its operation is known, its parameters and body satisfy the contract.
public struct OperationRequest: Sendable {
    /// The content that came with a request.
    public enum Body: Sendable {
        case none
        /// A body the contract has validated, or one that its operation asked to see unvalidated.
        case json(JSONDocument)
        /// Any other content, as the client named its type (lower case, without parameters).
        case bytes([UInt8], mediaType: String, contentType: String)
    }

    public let operation: ContractOperation
    let pathParameters: PathParameters
    public let query: ParameterValues.Group
    /// The query's items as the client wrote them.
    let queryItems: [(name: String, value: String)]
    public let headers: HTTPFields
    public let body: Body
    /// Members of the body that the contract does not name, as far as its operation has them told.
    let unknownNames: [UnknownName]
    /// Names this request in logs and answers.
    public let requestID: String
    /// The address the client connected to, such as `http://localhost:8080`, for links in answers.
    public let baseURL: String
    let origin: RequestOrigin
    /// Whether its caller has shown nothing that only they know.
    let isStranger: Bool
    /// What the request holds of memory.
    let lease: MemoryLease?

    /// Whether the client speaks TLS, with this server or with a proxy that is trusted.
    public var isSecure: Bool { baseURL.hasBytePrefix("https://") }

    /// The client's address, as far as proxies that are trusted tell it; nil when it is not known.
    public var clientAddress: IPAddress? { origin.clientAddress(headers) }

    /// The names of the query's items as the client wrote them, such as `include[]`.
    public var queryNames: Set<ClientText> { Set(queryItems.map { ClientText($0.name) }) }

    /// The body's root value; an operation whose contract requires a JSON body always has one.
    public var json: JSONNode {
        get throws(APIError) {
            guard case .json(let document) = body else { throw APIError(.badRequest, "A JSON body is required.") }
            return document.root
        }
    }

    /// The body as it came, where the gateway left it alone; nil elsewhere.
    public var bytes: [UInt8]? {
        if case .bytes(let bytes, _, _) = body { bytes } else { nil }
    }

    /// The body with the members that its contract names; of what nobody asked for nothing is made.
    public var namedJSON: JSONValue {
        get throws(APIError) {
            let schema = operation.requestBody?.content["application/json"]?.schema
            return schema?.named(try json) ?? .null
        }
    }

    /// Parses a body that the gateway left alone.
    /// - Throws: `APIError` 400 with the place of what is wrong.
    public func parse(_ bytes: [UInt8]) throws(APIError) -> JSONDocument {
        try RequestReader.parse(bytes, schema: nil)
    }

    /// Checks such a body against the operation's contract.
    /// - Throws: `APIError` 400 with everything that is wrong.
    public func validate(_ body: JSONNode) throws(APIError) {
        try operation.requestBody?.content["application/json"]?.schema?.require(body)
    }

    /// Has what a JSON text takes once it is parsed count to what the request holds of memory, before it is parsed: for
    /// texts that come within a body, perhaps packed.
    /// - Throws: `APIError` 413 when one request may not hold as much, 429 when others must end first.
    public func weigh(_ text: [UInt8]) throws(APIError) {
        let parsedBytes = BodyWeight.bytes(of: text, hasLines: false, valueBytes: BodyWeight.parsedValueBytes)
        try lease?.grow(to: bodyBytes + parsedBytes)
    }

    /// Has what making the answer takes in memory count to the request, beside its body, until it is answered. Its operation's
    /// limits say `reservesMemory`.
    /// - Throws: `APIError` 413 when one request may not hold as much, 429 when others must end first.
    public func reserve(_ bytes: Int) throws(APIError) {
        guard let lease else { return }
        try lease.grow(to: lease.bytes + bytes)
    }

    private var bodyBytes: Int {
        bytes?.count ?? 0
    }

    /// A path parameter that the operation's template has.
    public func path(_ name: String) throws(APIError) -> String { try pathParameters.path(name) }

    /// An integer of the path; anything else names nothing that exists.
    public func pathID(_ name: String) throws(APIError) -> Int64 { try pathParameters.pathID(name) }

    /// The `Idempotency-Key` header: a retry with the same one takes effect once.
    public func idempotencyKey() throws(APIError) -> String? {
        guard let name = HTTPField.Name("Idempotency-Key"), let value = headers[name], !value.isEmpty else {
            return nil
        }
        guard value.utf8.count <= 255 else {
            throw APIError.invalid("Idempotency-Key", "Idempotency-Key may be at most 255 characters long.")
        }
        return value
    }
}
