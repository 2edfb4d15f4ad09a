public import HTTPTypes
public import JSON

/// One operation of a contract: a method on a path, with what it takes and what it answers.
public final class ContractOperation: Sendable {
    /// The name of the document, such as `userpilot`.
    public let document: String
    /// The name of the operation, unique in its document.
    public let operationId: String
    /// The method, such as `POST`.
    public let method: HTTPRequest.Method
    /// The path with its prefix, such as `/api/v2/accounts/{account_id}`: what is served, and a label for metrics.
    public let path: String
    /// Other full paths of the same operation.
    public let aliasPaths: [String]
    /// The groups the operation belongs to.
    public let tags: [String]
    /// What the operation does, in a few words; may be empty.
    public let summary: String
    /// The parameters, those of the path included.
    public let parameters: [Parameter]
    /// What may be sent, if anything.
    public let requestBody: RequestBody?
    /// What is answered, by status, range (`4XX`) or `default`.
    public let responses: [String: ResponseContract]
    /// Who may call.
    public let security: SecurityRequirement

    init(
        document: String, operationId: String, method: HTTPRequest.Method, path: String, aliasPaths: [String],
        tags: [String], summary: String, parameters: [Parameter], requestBody: RequestBody?,
        responses: [String: ResponseContract], security: SecurityRequirement
    ) {
        self.document = document
        self.operationId = operationId
        self.method = method
        self.path = path
        self.aliasPaths = aliasPaths
        self.tags = tags
        self.summary = summary
        self.parameters = parameters
        self.requestBody = requestBody
        self.responses = responses
        self.security = security
    }

    /// What is said about a status: its own entry, else its range, else `default`.
    public func response(for status: Int) -> ResponseContract? {
        responses[String(status)] ?? responses["\(status / 100)XX"] ?? responses["default"]
    }
}

/// The body of a request.
public struct RequestBody: Sendable {
    /// Whether a request without body is refused.
    public let isRequired: Bool
    /// By media type, lower case and without parameters, such as `application/json`.
    public let content: [String: MediaContract]
}

/// One answer of an operation.
public struct ResponseContract: Sendable {
    /// What the answer means.
    public let description: String
    /// By media type, lower case and without parameters; empty when nothing is said about a body.
    public let content: [String: MediaContract]
}

/// What is said about a body of one media type.
public struct MediaContract: Sendable {
    /// What the body must match; nil when anything goes.
    public let schema: Schema?
    /// The examples, by name; a single one without name is called `example`.
    public let examples: [String: JSONValue]
}

/// Whether and how callers of an operation prove who they are.
public enum SecurityRequirement: Sendable, Hashable {
    /// The document says nothing.
    case unspecified
    /// Expressly open to anybody.
    case none
    /// Any one of these sets of schemes; all schemes of a set together.
    case schemes([[String]])
}
