import Gateway
import HTTPTypes
import Identity

/// What Gainsight PX keys may do. Handlers get the key: it names environment and project.
extension Policy where Source == Void, Proof == EnvironmentKey {
    /// Sending events, users and accounts: every key may.
    static var sendToGainsight: Policy { ofGainsightKeys("send") { _ in } }

    /// Reading out what is stored: keys with `can_export` may.
    static var readOfGainsight: Policy { ofGainsightKeys("read", permit: mayDoAll) }

    /// Changing what is set up, and deleting: keys with `can_export` may.
    static var manageOfGainsight: Policy { ofGainsightKeys("manage", permit: mayDoAll) }

    private static func ofGainsightKeys(
        _ name: String, permit: @escaping @Sendable (EnvironmentKey) throws -> Void
    ) -> Policy {
        Policy(name, for: [.gainsightKey]) { caller, _, _ in
            try caller.environmentKey()
        } permit: { caller, _ in
            try permit(caller.environmentKey())
        }
    }

    private static func mayDoAll(_ key: EnvironmentKey) throws {
        guard key.allowsExports else {
            throw APIError(
                .forbidden,
                "Access denied: this key may only send events, users and accounts (it was made with can_export false).")
        }
    }
}

extension Policy where Source == Void, Proof == EnvironmentKey? {
    /// Reading, where Userpilot's clients try their tokens at the same address; of those nothing is proved.
    static var readOrProbe: Policy {
        Policy("read or probe", for: [.gainsightKey, .environmentKey]) { caller, _, _ in
            guard case .gainsightKey(let key) = caller else { return nil }
            return key
        } permit: { caller, _ in
            guard case .gainsightKey(let key) = caller, !key.allowsExports else { return }
            throw APIError(.forbidden, "Access denied: this key may only send events, users and accounts.")
        }
    }
}
