public import Contract

/// Which sites' pages may read what an operation answers.
public enum AllowedOrigins: Sendable {
    /// Those of every site.
    case any
    /// Those whose `Origin` is right.
    case only(@Sendable (String) -> Bool)

    func contains(_ origin: String) -> Bool {
        switch self {
        case .any: true
        case .only(let isAllowed): isAllowed(origin)
        }
    }

    /// The same and pages without an origin of their own: shops run scripts in sandboxed frames, whose site nobody is told.
    var withSandboxedFrames: AllowedOrigins {
        guard case .only(let isAllowed) = self else { return .any }
        return .only { $0 == "null" || isAllowed($0) }
    }
}

/// Opens operations to pages of other sites (CORS, as the Fetch standard has it).
public struct PageAccess<Principal: Sendable>: Sendable {
    let isOpen: @Sendable (ContractOperation) -> Bool
    let admit: @Sendable (Principal) throws -> Void
    let origins: @Sendable (Principal, PathParameters) async throws -> AllowedOrigins

    /// - Parameters:
    ///   - isOpen: whether pages may call an operation.
    ///   - admit: refuses principals whom no page should be: whoever opens the page has their key.
    ///   - origins: whose pages, as far as the principal and the address tell.
    public init(
        isOpen: @escaping @Sendable (ContractOperation) -> Bool,
        admit: @escaping @Sendable (Principal) throws -> Void = { _ in },
        origins: @escaping @Sendable (Principal, PathParameters) async throws -> AllowedOrigins
    ) {
        self.isOpen = isOpen
        self.admit = admit
        self.origins = origins
    }
}
