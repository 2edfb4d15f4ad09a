import ControlStore
public import Identity
public import JSON

/// What somebody sees of themselves.
public struct UserProfile: Sendable {
    public let user: User
    /// Settings of what they look at.
    public let preferences: JSONObject
    /// Whether they work in accounts of others only.
    public let ownsNothing: Bool
}

extension LoginService {
    /// - Throws: ``LoginError/expired`` when the user is gone.
    public func profile(of caller: SignedInUser) async throws -> UserProfile {
        try await store.read { database in
            guard let user = try User.fetch(caller.user.id, from: database) else { throw LoginError.expired }
            let stored = try User.preferences(of: user.id, from: database) ?? "{}"
            return UserProfile(
                user: user, preferences: try JSONValue(stored: stored).object ?? JSONObject(),
                ownsNothing: !caller.accesses.values.contains { $0.everywhere == .owner })
        }
    }

    /// Changes the settings that are named; an object within one is merged (contract operation `updateUserPreferences`).
    /// - Throws: ``LoginError/invalid(field:_:)`` for more than a user may keep.
    public func setPreferences(of caller: SignedInUser, _ changes: JSONValue) async throws {
        try await store.write { database in
            let stored = try JSONValue(stored: User.preferences(of: caller.user.id, from: database) ?? "{}")
            var members = stored.object ?? JSONObject()
            for (name, value) in changes.object ?? JSONObject() {
                var own = members[name]?.object ?? JSONObject()
                guard let theirs = value.object else {
                    members[name] = value
                    continue
                }
                for (inner, innerValue) in theirs { own[inner] = innerValue }
                members[name] = .object(own)
            }
            // What the login itself says is no setting.
            members["mfaEnabled"] = nil
            let text = JSONValue.object(members).encodedString
            guard text.utf8.count <= Self.maximumPreferenceBytes else {
                throw LoginError.invalid(field: "preferences", "Preferences may take 64 KB at most.")
            }
            try User.setPreferences(text, of: caller.user.id, in: database)
        }
    }

    private static let maximumPreferenceBytes = 64 * 1_024
}
