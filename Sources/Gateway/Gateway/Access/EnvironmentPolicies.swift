import HTTPTypes
public import Identity

/// What keys of environments may do. Handlers get the key: it names environment and project.
extension Policy where Proof == EnvironmentKey {
    /// Sending events and profiles, following one's own uploads, asking for decisions: every key may.
    public static var send: Policy { ofKeys("send") { _ in } }

    /// Reading out what is stored or set up: keys with `can_export` may.
    public static var read: Policy { ofKeys("read", refusing: { _ in mayOnlySend("read") }) }

    /// Changing what is set up, deleting, and keys: keys with `can_export` may.
    public static var manage: Policy { ofKeys("manage", refusing: { _ in mayOnlySend("manage") }) }

    /// A right that only keys with `can_export` have.
    /// - Parameter refusal: what other keys are answered.
    public static func ofKeys(
        _ name: String, refusing refusal: @escaping @Sendable (EnvironmentKey) -> APIError
    ) -> Policy {
        ofKeys(name) { key in
            guard key.allowsExports else { throw refusal(key) }
        }
    }

    private static func ofKeys(
        _ name: String, permit: @escaping @Sendable (EnvironmentKey) throws -> Void
    ) -> Policy {
        Policy(name, for: [.environmentKey]) { principal, _, _ in
            try principal.environmentKey()
        } permit: { principal, _ in
            try permit(principal.environmentKey())
        }
    }

    private static func mayOnlySend(_ right: String) -> APIError {
        APIError(
            .forbidden,
            "This needs a key with the right to \(right); this one may only send events and profiles (it was made with can_export false)."
        )
    }
}

extension Principal {
    /// - Throws: `APIError` 401 for other callers.
    public func environmentKey() throws(APIError) -> EnvironmentKey {
        switch self {
        case .environmentKey(let key), .gainsightKey(let key): return key
        case .convertKey, .sdkKey, .user, .reportToken, .stranger: throw .wrongCaller
        }
    }

    /// - Throws: `APIError` 401 for other callers.
    public func convertKey() throws(APIError) -> ConvertKey {
        guard case .convertKey(let key) = self else { throw .wrongCaller }
        return key
    }

    /// - Throws: `APIError` 401 for other callers.
    public func sdkKey() throws(APIError) -> SDKAccess {
        guard case .sdkKey(let access, _) = self else { throw .wrongCaller }
        return access
    }
}
