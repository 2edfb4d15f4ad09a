import Foundation
public import HTTPTypes
public import Identity
import Text
public import Time

/// `Authorization: Convert-HMAC-SHA256 Signature=...`: a Convert key that signs each request.
public struct SignatureAuthentication: Authenticator {
    private let keys: KeyRing
    private let masterKey: MasterKey
    private let clock: WallClock

    /// How far ahead a signature may expire, in seconds: one that was stolen is of use no longer.
    private static let maximumLifetimeSeconds: Double = 3_600
    private static let prefix = "Signature="

    public init(keys: KeyRing, masterKey: MasterKey, clock: WallClock) {
        self.keys = keys
        self.masterKey = masterKey
        self.clock = clock
    }

    public var kind: Principal.Kind { .convertKey }

    public func authenticate(_ head: RequestHead) throws -> Evidence? {
        guard let shown = Authorization(head.headers), shown.scheme == "convert-hmac-sha256" else { return nil }
        guard let applicationID = Self.header("Convert-Application-ID", head.headers) else {
            throw Self.unauthorized("The Convert-Application-ID header is missing.")
        }
        let expires = try expiry(head.headers)
        guard shown.credentials.hasPrefix(Self.prefix) else {
            throw Self.unauthorized("The Authorization header must be \"Convert-HMAC-SHA256 Signature=...\".")
        }
        guard let key = keys.convertKey(applicationID: applicationID) else { throw Self.badSignature }
        let code = String(shown.credentials.dropFirst(Self.prefix.count))
        return .signed { content in
            try verify(code, expires: expires, of: key, under: content)
            return .convertKey(key)
        }
    }

    /// The header's text as it was sent, which is signed.
    private func expiry(_ headers: HTTPFields) throws(APIError) -> String {
        // The vendor's contract says Expire in one place; its documentation and all clients say Expires.
        guard let expires = Self.header("Expires", headers) ?? Self.header("Expire", headers) else {
            throw Self.unauthorized("The Expires header is missing.")
        }
        guard let time = Double(expires), time.isFinite else {
            throw Self.unauthorized("The Expires header must be a Unix time in seconds.")
        }
        let now = Double(clock.now.microseconds) / 1_000_000
        guard time > now else {
            throw Self.unauthorized("The request has expired: Expires lies in the past. Check the clock of the client.")
        }
        guard time <= now + Self.maximumLifetimeSeconds else {
            throw Self.unauthorized("Expires may lie at most one hour ahead, in seconds.")
        }
        return expires
    }

    private func verify(_ code: String, expires: String, of key: ConvertKey, under content: SignedContent) throws {
        func isValid(_ url: String) throws -> Bool {
            do {
                return try key.isSignature(code, expires: expires, url: url, body: content.body, masterKey: masterKey)
            } catch {
                throw Self.unauthorized(
                    "The secret of this application was lost with the server's master key; make a new application.")
            }
        }
        if try !isValid(content.url) {
            // Many clients sign the address as they write it (`include[]=stats`), and their library escapes it on the way.
            guard let unescaped = content.url.removingPercentEncoding, !unescaped.hasSameBytes(as: content.url),
                try isValid(unescaped)
            else { throw Self.badSignature }
        }
        // Only who has the secret is told what the key is.
        guard key.mayProve(by: .requestSigning) else { throw Self.unauthorized(ConvertKey.otherWay(key)) }
    }

    private static let badSignature = unauthorized(
        "The application id or the signature is not valid. Sign application id, Expires, the full URL as it is "
            + "requested, and the raw body, joined by line feeds.")

    private static func header(_ name: String, _ headers: HTTPFields) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// What a surface that takes signatures and secrets answers those who show neither.
    public static func unrecognized(_ headers: HTTPFields) -> APIError {
        guard let shown = Authorization(headers) else {
            return unauthorized(
                """
                The Authorization header is missing. Sign the request, or send "Bearer KEY_ID:KEY_SECRET"; people log in and \
                send the cookie of their session.
                """)
        }
        // A key in order would have been recognised wherever keys are taken.
        guard !["convert-hmac-sha256", "bearer"].contains(shown.scheme) else {
            return unauthorized(
                "No key may do this, only people. Log in by POST /api/v2/auth, and send the session's cookie alone.")
        }
        return unauthorized("The Authorization scheme must be Convert-HMAC-SHA256 or Bearer.")
    }

    /// The schemes that such a surface takes.
    public static let challenge = "Convert-HMAC-SHA256, Bearer"

    private static func unauthorized(_ message: String) -> APIError {
        APIError(.unauthorized, message, headers: [.wwwAuthenticate: challenge])
    }
}
