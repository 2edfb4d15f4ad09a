public import Contract
import Text

/// One vendor's interface: its contract, the handlers of its operations, who may call each, its way to say no.
public struct Surface: Sendable {
    /// An operation's handler, with what its policy has proved bound.
    struct Admission: Sendable {
        let handle: @Sendable (OperationRequest) async throws -> OperationResponse
        /// Told when the request is refused before it reaches the handler.
        let refused: @Sendable (ContractOperation, APIError) -> Void
        /// Told when a request brought members that its contract does not name.
        let unknown: @Sendable ([UnknownName]) -> Void
    }

    struct Endpoint: Sendable {
        let limits: OperationLimits
        /// Whether the contract has parameters in header fields.
        let takesHeaders: Bool
        /// Whether pages of other sites may call it.
        let isOpenToPages: Bool
        /// The pages that people log in from, where people may call it.
        let ownPages: OwnPages?
        let rule: AccessRule
        /// - Throws: `APIError` when the request shows nothing that this operation takes.
        let authenticate: @Sendable (RequestHead) async throws -> Evidence
        /// - Throws: `APIError` when the caller may not do this.
        let admit: @Sendable (Principal, RequestHead) async throws -> Admission
        /// Whose pages may read the answer.
        let origins: @Sendable (Principal, PathParameters) async throws -> AllowedOrigins
    }

    public let contract: ContractDocument
    let errors: ErrorRenderer
    let endpoints: [String: Endpoint]

    /// A surface that serves nothing yet; it knows its addresses and how to say no.
    public static func closed(_ contract: ContractDocument, errors: ErrorRenderer) -> Surface {
        Surface(contract: contract, errors: errors, endpoints: [:])
    }

    /// Operations of the contract that nothing serves yet, in the contract's order.
    public var missingOperations: [ContractOperation] {
        contract.operations.filter { endpoints[$0.operationId] == nil }
    }
}
