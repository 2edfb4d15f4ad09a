import HTTPTypes

/// Who may use an operation, and what that proves to its handler.
///
/// Stated where the operation is: `surface.on("updateGoal", allow: .edit(.project)) { scope, request in ... }`. The gateway
/// asks before the body is read, as far as the caller is known by then, and calls the handler with what was found; so no
/// handler can forget to ask. `sextant routes --access` prints all policies with the callers that they let in.
///
/// - `Source`: where a surface looks up what addresses name; `Void` where keys tell all.
/// - `Proof`: what the handler gets, such as the project of the address with the author of changes.
public struct Policy<Source: Sendable, Proof: Sendable>: Sendable {
    /// Finds what the address names and the caller may see.
    public typealias Find = @Sendable (Principal, RequestHead, Source) async throws -> Proof
    /// Whether the caller's rights are enough there; throws `APIError` 401 or 403 when they are not. Looks nothing up.
    public typealias Permit = @Sendable (Principal, RequestHead) throws -> Void

    /// What the operation does and where, such as `edit(project)`.
    let name: String
    /// Callers of other kinds are not even recognised.
    let kinds: Set<Principal.Kind>
    private let find: Find
    let permit: Permit
    /// Whether pages of other sites may call the operation.
    private(set) var isOpenToPages = false
    /// Whether it is for pages that people log in from, and no others, though it takes no session.
    private(set) var isGuarded = false

    public init(
        _ name: String, for kinds: Set<Principal.Kind>, find: @escaping Find,
        permit: @escaping Permit = { _, _ in }
    ) {
        self.name = name
        self.kinds = kinds
        self.find = find
        self.permit = permit
    }

    /// The same for calls from pages of other sites too, as far as the surface's ``PageAccess`` lets them.
    public var fromPages: Policy {
        var policy = self
        policy.isOpenToPages = true
        return policy
    }

    /// The same, but refused to pages of other sites than ``OwnPages``: for what begins sessions.
    public var guarded: Policy {
        var policy = self
        policy.isGuarded = true
        return policy
    }

    /// The same, and callers of other kinds by a policy of their own.
    public func or(_ other: Policy) -> Policy {
        let kinds = other.kinds.subtracting(kinds)
        return Policy("\(name) or \(other.name)", for: self.kinds.union(kinds)) { principal, head, source in
            try await (kinds.contains(principal.kind) ? other : self).find(principal, head, source)
        } permit: { principal, head in
            try (kinds.contains(principal.kind) ? other : self).permit(principal, head)
        }
    }

    /// What is not there is told before what may not be done to it.
    func prove(_ principal: Principal, _ head: RequestHead, in source: Source) async throws -> Proof {
        let proof = try await find(principal, head, source)
        try permit(principal, head)
        return proof
    }
}

extension APIError {
    /// For callers of a kind that a policy was not made for, who do not get there.
    static let wrongCaller = APIError(.unauthorized, "This call takes no key of this kind.")
}
