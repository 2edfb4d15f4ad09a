import HTTPTypes
public import Identity

/// `Authorization: Bearer KEY_ID:KEY_SECRET`: a Convert key with its secret.
public struct SecretAuthentication: Authenticator {
    private let keys: KeyRing
    private let challenge: String

    /// - Parameter challenge: the schemes that the surface takes, for `WWW-Authenticate`.
    public init(keys: KeyRing, challenge: String = "Bearer") {
        self.keys = keys
        self.challenge = challenge
    }

    public var kind: Principal.Kind { .convertKey }

    public func authenticate(_ head: RequestHead) throws -> Evidence? {
        guard let shown = BearerCredentials(head.headers) else { return nil }
        guard let secret = shown.secret else { throw unauthorized("The bearer token must be KEY_ID:KEY_SECRET.") }
        guard let key = keys.convertKey(applicationID: shown.identifier), key.isSecret(secret) else {
            throw unauthorized("The key id or its secret is not valid. The key may have been deleted.")
        }
        // Only who has the secret is told what the key is.
        guard key.mayProve(by: .secretKey) else { throw unauthorized(ConvertKey.otherWay(key)) }
        return .proved(.convertKey(key))
    }

    private func unauthorized(_ message: String) -> APIError {
        APIError(.unauthorized, message, headers: [.wwwAuthenticate: challenge])
    }
}

extension ConvertKey {
    func mayProve(by way: ConvertKeyAuthentication) -> Bool { authentication == nil || authentication == way }

    /// What a key that proves itself in the wrong way is told.
    static func otherWay(_ key: ConvertKey) -> String {
        "This API key is of type \(key.authentication?.rawValue ?? "") and cannot be used in another way."
    }
}
