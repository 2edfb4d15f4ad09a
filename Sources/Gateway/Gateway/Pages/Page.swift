public import Hummingbird

/// Something served for reading that is not an operation of a contract.
public protocol Page: Sendable {
    /// What the log calls it; its address may hold what is nobody else's business.
    var label: String { get }

    /// Whether the page answers for this path.
    func serves(_ path: String) -> Bool

    /// Answers a GET.
    /// - Throws: `APIError` for an answer other than success.
    func respond(to request: Request) async throws -> OperationResponse

    /// Answers a GET of a page that names the server's own address.
    /// - Parameter baseURL: where the client reaches the server, without a slash at its end.
    /// - Throws: `APIError` for an answer other than success.
    func respond(to request: Request, at baseURL: String) async throws -> OperationResponse
}

extension Page {
    /// Most pages name no address.
    public func respond(to request: Request, at baseURL: String) async throws -> OperationResponse {
        try await respond(to: request)
    }
}
