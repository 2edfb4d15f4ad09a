public import Contract
public import HTTPTypes
public import Text

/// Collects the handlers of a surface, each with the policy of its operation: no handler is reached without.
/// - `Source`: where its policies look up what addresses name.
public struct SurfaceBuilder<Source: Sendable> {
    private let contract: ContractDocument
    private let errors: ErrorRenderer
    private let source: Source
    private let authenticators: [any Authenticator]
    private let unrecognized: @Sendable (HTTPFields) -> APIError
    private var endpoints: [String: Surface.Endpoint] = [:]
    private var unknown: [String] = []
    private var unreachable: [String] = []

    /// Whose pages may call what is open to pages; nobody's unless this is set.
    public var pages = PageAccess.none

    /// The pages that people log in from: they may use what people may.
    public var ownPages: OwnPages?

    /// Told when a request by a known caller is refused before it reaches its handler.
    public var onRefusal: @Sendable (Principal, ContractOperation, APIError) -> Void = { _, _, _ in }

    /// Told when a known caller sends members that the contract of an operation does not name.
    public var onUnknownNames: @Sendable (Principal, [UnknownName]) -> Void = { _, _ in }

    /// - Parameters:
    ///   - source: where policies look up what addresses name.
    ///   - authenticators: whom the surface takes, in the order in which they are asked.
    ///   - unrecognized: what answers a request that none of them recognises.
    public init(
        contract: ContractDocument, errors: ErrorRenderer, source: Source,
        accepting authenticators: [any Authenticator],
        unrecognized: @escaping @Sendable (HTTPFields) -> APIError
    ) {
        self.contract = contract
        self.errors = errors
        self.source = source
        self.authenticators = authenticators
        self.unrecognized = unrecognized
    }

    /// Serves an operation of the contract.
    /// - Parameters:
    ///   - policy: who may use it.
    ///   - handler: gets what the policy has proved.
    public mutating func on<Proof: Sendable>(
        _ operationID: String, allow policy: Policy<Source, Proof>, limits: OperationLimits = .standard,
        _ handler: @escaping @Sendable (Proof, OperationRequest) async throws -> OperationResponse
    ) {
        let operation = contract.operation(operationID)
        if operation == nil { unknown.append(operationID) }
        let chain = authenticators.filter { policy.kinds.contains($0.kind) }
        if Set(chain.map(\.kind)) != policy.kinds { unreachable.append(operationID) }
        let pages = policy.isOpenToPages ? pages : .none
        endpoints[operationID] = Surface.Endpoint(
            limits: limits, takesHeaders: operation?.parameters.contains { $0.location == .header } ?? false,
            isOpenToPages: policy.isOpenToPages,
            ownPages: policy.kinds.contains(.user) || policy.isGuarded ? ownPages : nil,
            rule: AccessRule(name: policy.name, kinds: policy.kinds, permit: policy.permit),
            authenticate: { [unrecognized, ownPages] head in
                if policy.isGuarded { try ownPages?.admit(head) }
                for authenticator in chain {
                    if let evidence = try await authenticator.authenticate(head) { return evidence }
                }
                throw unrecognized(head.headers)
            },
            admit: { [source, onRefusal, onUnknownNames] principal, head in
                let proof = try await policy.prove(principal, head, in: source)
                if head.headers[.origin] != nil { try pages.admit(principal) }
                return Surface.Admission(
                    handle: { try await handler(proof, $0) }, refused: { onRefusal(principal, $0, $1) },
                    unknown: { onUnknownNames(principal, $0) })
            }, origins: pages.origins)
    }

    /// - Throws: `SurfaceError` when a handler names an operation that the contract does not have, or a policy callers whom
    ///   nothing recognises.
    public func build() throws(SurfaceError) -> Surface {
        guard unknown.isEmpty else { throw .unknownOperations(unknown, contract: contract.name) }
        guard unreachable.isEmpty else { throw .unrecognizedCallers(unreachable, contract: contract.name) }
        return Surface(contract: contract, errors: errors, endpoints: endpoints)
    }
}

/// A mistake in how a surface is put together.
public enum SurfaceError: Error, CustomStringConvertible {
    case unknownOperations([String], contract: String)
    case unrecognizedCallers([String], contract: String)

    public var description: String {
        switch self {
        case .unknownOperations(let names, let contract):
            "the contract \(contract) has no operation \(names.joined(separator: ", "))"
        case .unrecognizedCallers(let names, let contract):
            "the surface of \(contract) does not recognise all callers of \(names.joined(separator: ", "))"
        }
    }
}
