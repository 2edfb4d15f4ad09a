import HTTPTypes
import Identity

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

/// Which sites' pages may use a surface's operations that are open to pages (CORS, as the Fetch standard has it).
public struct PageAccess: Sendable {
    let admit: @Sendable (Principal) throws -> Void
    let origins: @Sendable (Principal, PathParameters) async throws -> AllowedOrigins

    /// - Parameters:
    ///   - admit: refuses principals whom no page should be: whoever opens the page has their key.
    ///   - origins: whose pages, as far as the principal and the address tell.
    public init(
        admit: @escaping @Sendable (Principal) throws -> Void = { _ in },
        origins: @escaping @Sendable (Principal, PathParameters) async throws -> AllowedOrigins
    ) {
        self.admit = admit
        self.origins = origins
    }

    /// Nobody's.
    static let none = PageAccess { _, _ in .only { _ in false } }

    /// The pages of the caller's project. Of keys of environments only those that may only send, since whoever opens a page
    /// has its key.
    /// - Parameter origins: whose pages, by the project.
    public static func ofProjects(
        _ origins: @escaping @Sendable (_ projectID: Int64) async throws -> AllowedOrigins
    ) -> PageAccess {
        PageAccess { principal in
            if let key = try? principal.environmentKey(), key.allowsExports { throw notForPages }
        } origins: { principal, _ in
            switch principal {
            case .environmentKey(let key), .gainsightKey(let key): try await origins(key.projectID)
            case .sdkKey(let access, _): try await origins(access.projectID)
            case .convertKey, .user, .reportToken, .stranger: .any
            }
        }
    }

    private static let notForPages = APIError(
        .forbidden,
        "This key may read data, so it has no place in a page, whose visitors all have it. Use one that may only send (made with can_export false)."
    )
}
