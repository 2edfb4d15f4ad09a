import HTTPTypes
public import Identity

/// An SDK key in the address, whose secret, if it has one, may come as `Authorization: Bearer SECRET`.
public struct SDKKeyInAddress: Authenticator {
    private let keys: SDKKeyRing

    public init(keys: SDKKeyRing) {
        self.keys = keys
    }

    public var kind: Principal.Kind { .sdkKey }

    /// - Throws: `APIError` 404 for a key that is none.
    public func authenticate(_ head: RequestHead) async throws -> Evidence? {
        let key = try head.path.path("sdk_key")
        guard let access = try await keys.access(key) else {
            throw APIError.notFound("There is no SDK key \(key.prefix(64)).")
        }
        let shown = Authorization(head.headers).flatMap { $0.scheme == "bearer" ? String($0.credentials) : nil }
        return .proved(.sdkKey(access, showsSecret: access.admits(secret: shown)))
    }
}

/// `Authorization: Bearer SDK_KEY`, or `SDK_KEY:SDK_KEY_SECRET` for one that has a secret.
public struct SDKKeyInHeader: Authenticator {
    private let keys: SDKKeyRing

    /// How SDK keys begin.
    private static let prefix = "sdk_"

    public init(keys: SDKKeyRing) {
        self.keys = keys
    }

    public var kind: Principal.Kind { .sdkKey }

    /// - Throws: `APIError` 401 for a key that is none.
    public func authenticate(_ head: RequestHead) async throws -> Evidence? {
        guard let shown = BearerCredentials(head.headers), shown.identifier.hasPrefix(Self.prefix) else { return nil }
        guard let access = try await keys.access(shown.identifier) else { throw Self.unknownOrWithoutSecret }
        return .proved(.sdkKey(access, showsSecret: access.admits(secret: shown.secret)))
    }

    /// Only who has the secret is told that there is such a key.
    public static let unknownOrWithoutSecret = APIError(
        .unauthorized, "The SDK key is unknown, or needs its secret: Bearer SDK_KEY:SDK_KEY_SECRET.")
}
