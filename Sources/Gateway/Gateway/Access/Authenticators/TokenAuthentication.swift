public import EventStore
import HTTPTypes
public import Identity

/// `Authorization: Token KEY`: the key opens one environment of one project. The scheme word is matched without case,
/// and `Bearer` is an alias.
public struct TokenAuthentication: Authenticator {
    private let keys: KeyRing
    private let isLast: Bool

    /// - Parameter isLast: whether it is the last of its chain, so that a request that shows nothing is told what to show.
    public init(keys: KeyRing, isLast: Bool = true) {
        self.keys = keys
        self.isLast = isLast
    }

    public var kind: Principal.Kind { .environmentKey }

    public func authenticate(_ head: RequestHead) throws -> Evidence? {
        guard head.headers[.authorization] != nil else {
            if isLast { throw Self.missing }
            return nil
        }
        guard let shown = Authorization(head.headers) else {
            throw Self.unauthorized("The Authorization header must be \"Token <your API key>\".")
        }
        guard shown.scheme == "token" || shown.scheme == "bearer" else {
            throw Self.unauthorized("The Authorization scheme must be Token.")
        }
        guard let key = keys.environmentKey(forUserpilotToken: String(shown.credentials)) else {
            throw Self.unauthorized("The API key is not valid. It may have been revoked, or belong to another server.")
        }
        return .proved(.environmentKey(key))
    }

    /// What a request without any key is answered where it needs one.
    public static let missing = unauthorized(
        "The Authorization header is missing. Send \"Authorization: Token <your API key>\".")

    private static func unauthorized(_ message: String) -> APIError {
        APIError(.unauthorized, message, headers: [.wwwAuthenticate: "Token"])
    }
}

extension EnvironmentKey {
    /// The stream of events that this key writes to and reads from.
    public var stream: EventStream {
        EventStream(environmentID: environmentID, projectID: projectID, appToken: appToken)
    }
}
