public import Time

/// What a key opens, and how its secret is shown.
public enum APIKeyKind: String, Sendable, CaseIterable {
    /// Convert's application: signs management requests with its secret.
    case convertApplication = "convert_application"
    /// A Userpilot app token, for one environment.
    case userpilotToken = "userpilot_token"
    /// A Gainsight PX key, for one environment.
    case gainsightKey = "gainsight_px_key"
    /// An SDK key, for one project; the key itself is public, its secret is not.
    case sdkKey = "sdk_key"
}

/// What a key may do beyond what its kind always may.
public enum APIKeyScope: String, Sendable, CaseIterable {
    /// Bulk exports and their lookups.
    case exports
}

/// A key as it is stored: without its secret.
public struct APIKey: Sendable, Equatable, Identifiable {
    public let id: Int64
    public let kind: APIKeyKind
    public let accountID: Int64
    /// Nil for a key of the whole account.
    public let projectID: Int64?
    /// Nil for a key of a whole project or account.
    public let environmentID: Int64?
    /// What names the key in public: the application id, the SDK key, or the first characters of a token.
    public let identifier: String
    /// What its owner calls it.
    public let label: String
    public let scopes: Set<APIKeyScope>
    public let createdAt: Timestamp
    public let revokedAt: Timestamp?
}

/// A key that was just made: the only time its secret is shown.
public struct CreatedAPIKey: Sendable {
    public let key: APIKey
    /// The secret, in clear.
    public let secret: String
}
