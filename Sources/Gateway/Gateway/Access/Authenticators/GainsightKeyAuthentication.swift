import HTTPTypes
public import Identity

/// `X-APTRINSIC-API-KEY: KEY`, as Gainsight PX's clients show it. Aliases are `Authorization: Bearer KEY`, and HTTP Basic with
/// the key as the user's name and an empty password, as Segment's destination shows it.
public struct GainsightKeyAuthentication: Authenticator {
    private let keys: KeyRing

    public init(keys: KeyRing) {
        self.keys = keys
    }

    public var kind: Principal.Kind { .gainsightKey }

    private static let header = HTTPField.Name("X-APTRINSIC-API-KEY")

    /// A bearer that is no key of this kind may be one that the next in the chain knows.
    public func authenticate(_ head: RequestHead) throws -> Evidence? {
        if let header = Self.header, let shown = head.headers[header] { return try evidence(shown) }
        guard let shown = Authorization(head.headers) else { return nil }
        switch shown.scheme {
        case "bearer":
            return keys.environmentKey(forGainsightKey: String(shown.credentials)).map { .proved(.gainsightKey($0)) }
        case "basic":
            guard let credentials = BasicCredentials(shown), credentials.password.isEmpty else { throw Self.wrong }
            return try evidence(credentials.name)
        default: return nil
        }
    }

    private func evidence(_ shown: String) throws(APIError) -> Evidence {
        guard let key = keys.environmentKey(forGainsightKey: shown) else { throw Self.wrong }
        return .proved(.gainsightKey(key))
    }

    /// The vendor's own data loader looks for the first words, and says then that the key is wrong.
    private static let wrong = APIError(
        .unauthorized,
        "Authentication failed in loginAwareAuthentication: the API key is not valid. It may have been revoked, or belong to another server."
    )

    /// What a request without a key is answered.
    public static let missing = APIError(
        .unauthorized,
        "Authentication failed in loginAwareAuthentication: send your API key in the header X-APTRINSIC-API-KEY.")
}
