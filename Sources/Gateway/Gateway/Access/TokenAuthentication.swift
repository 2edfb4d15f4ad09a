public import EventStore
public import HTTPTypes
public import Identity

/// `Authorization: Token KEY`: the key opens one environment of one project. The scheme word is matched without case,
/// and `Bearer` is an alias (NOTES-clients U19).
public struct TokenAuthentication: Sendable {
    private let keys: KeyRing

    public init(keys: KeyRing) {
        self.keys = keys
    }

    /// - Throws: `APIError` 401 that says which part is missing or wrong.
    public func authenticate(_ headers: HTTPFields) throws(APIError) -> EnvironmentKey {
        guard let header = headers[.authorization] else {
            throw Self.unauthorized(
                "The Authorization header is missing. Send \"Authorization: Token <your API key>\".")
        }
        guard let space = header.utf8.firstIndex(of: UInt8(ascii: " ")) else {
            throw Self.unauthorized("The Authorization header must be \"Token <your API key>\".")
        }
        let scheme = header[..<space].lowercased()
        guard scheme == "token" || scheme == "bearer" else {
            throw Self.unauthorized("The Authorization scheme must be Token.")
        }
        let token = header.utf8[space...].drop { $0 == UInt8(ascii: " ") }
        guard let key = keys.environmentKey(forUserpilotToken: String(Substring(token))) else {
            throw Self.unauthorized("The API key is not valid. It may have been revoked, or belong to another server.")
        }
        return key
    }

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
