public import HTTPTypes
public import Sessions
import Text

/// The cookie `sid` of somebody who has logged in.
public struct SessionAuthentication: Authenticator {
    private let sessions: SessionStore
    private let pages: OwnPages

    /// - Parameter pages: whose requests go by the cookie.
    public init(sessions: SessionStore, pages: OwnPages) {
        self.sessions = sessions
        self.pages = pages
    }

    public var kind: Principal.Kind { .user }

    /// A request with a key of its own goes by the key.
    public func authenticate(_ head: RequestHead) async throws -> Evidence? {
        guard head.headers[.authorization] == nil, let token = SessionCookie.token(head.headers) else { return nil }
        try pages.admit(head)
        guard let user = try await sessions.find(token) else {
            throw APIError(
                .unauthorized, "The session has ended. Log in again.", headers: [.setCookie: SessionCookie.ended])
        }
        return .proved(.user(user))
    }
}

/// What a browser keeps of a session.
public enum SessionCookie {
    /// The contract's name.
    static let name = "sid"

    /// What opens the session; nil when the request has none.
    public static func token(_ headers: HTTPFields) -> String? {
        for field in headers[values: .cookie] {
            for pair in field.split(byte: ";") {
                let trimmed = pair.utf8.drop { $0 == UInt8(ascii: " ") }
                guard trimmed.starts(with: "\(name)=".utf8) else { continue }
                return String(Substring(trimmed.dropFirst(name.utf8.count + 1)))
            }
        }
        return nil
    }

    /// The field that has a browser keep it until it is closed, for this server alone.
    /// - Parameter isSecure: whether the server is reached over TLS.
    public static func setting(_ token: String, isSecure: Bool) -> String {
        "\(name)=\(token); Path=/; HttpOnly; SameSite=Lax\(isSecure ? "; Secure" : "")"
    }

    /// The field that has a browser forget it.
    public static let ended = "\(name)=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
}
