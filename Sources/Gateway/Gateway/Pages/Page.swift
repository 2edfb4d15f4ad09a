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
}
