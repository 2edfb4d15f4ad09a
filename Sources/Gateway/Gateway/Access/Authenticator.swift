public import HTTPTypes

/// Recognises callers of one kind by what a request shows before its body is read.
///
/// A surface has a chain of them; of an operation those are asked, in the surface's order, whose kind its policy takes.
public protocol Authenticator: Sendable {
    /// Whom it recognises.
    var kind: Principal.Kind { get }

    /// - Returns: nil for a request that shows nothing of this kind: the next in the chain is asked.
    /// - Throws: `APIError` 401 for what is shown but wrong.
    func authenticate(_ head: RequestHead) async throws -> Evidence?
}

/// What is known of a request before its body is read.
public struct RequestHead: Sendable {
    public let method: HTTPRequest.Method
    /// Host and port that the client has named; nil for none.
    public let authority: String?
    public let headers: HTTPFields
    public let path: PathParameters
    /// Names this request in logs and answers.
    public let requestID: String
}

/// How far a request has proved who calls.
public enum Evidence: Sendable {
    case proved(Principal)
    /// The signature is under the body, which has to be read first.
    /// - verify: throws `APIError` 401 when the signature is not the caller's.
    case signed(verify: @Sendable (SignedContent) throws -> Principal)
}

/// What a client that signs its requests puts its signature under.
public struct SignedContent: Sendable {
    /// The address as the client wrote it, with the query.
    public let url: String
    /// As it came, before any decoding.
    public let body: [UInt8]

    public init(url: String, body: [UInt8]) {
        self.url = url
        self.body = body
    }
}
