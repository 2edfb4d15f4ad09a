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
                .unauthorized, "The session has ended. Log in again.",
                headers: [.setCookie: SessionCookie.ended(answering: head.headers)])
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
    /// - Parameters:
    ///   - isSecure: whether the server is reached over TLS. Without it no browser keeps a cookie for pages of other sites.
    ///   - request: the fields of the request that is answered.
    public static func setting(_ token: String, isSecure: Bool, answering request: HTTPFields) -> String {
        let ownSite = isSecure ? "SameSite=Lax; Secure" : "SameSite=Lax"
        let site = isSecure && isFromAnotherSite(request) ? ofAnotherSite : ownSite
        return "\(name)=\(token); Path=/; HttpOnly; \(site)"
    }

    /// The field that has a browser forget it.
    /// - Parameter request: the fields of the request that is answered.
    public static func ended(answering request: HTTPFields) -> String {
        // A page of another site has none but over TLS, and replaces none by one that is not for it.
        let site = isFromAnotherSite(request) ? ofAnotherSite : "SameSite=Lax"
        return "\(name)=; Path=/; HttpOnly; \(site); Max-Age=0"
    }

    /// Browsers keep it for pages of that one site alone (CHIPS), also where they refuse cookies of third parties.
    private static let ofAnotherSite = "SameSite=None; Secure; Partitioned"

    /// Only pages whose origins the operator has named get as far as a cookie (``OwnPages``). Where such a page is of another
    /// site, a cookie with `SameSite=Lax` would never come along.
    private static func isFromAnotherSite(_ request: HTTPFields) -> Bool {
        OwnPages.fetchSite.flatMap { request[$0] } == "cross-site"
    }
}
