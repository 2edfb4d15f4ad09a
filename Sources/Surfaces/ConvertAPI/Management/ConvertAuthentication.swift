import Foundation
public import Gateway
public import HTTPTypes
public import Identity
import Text
public import Time

/// How programs prove who they are: signed requests, or their secret as a bearer token.
public struct ConvertAuthentication: Sendable {
    private let keys: KeyRing
    private let masterKey: MasterKey
    private let clock: WallClock

    /// How far ahead a signature may expire, in seconds: one that was stolen is of use no longer.
    static let maximumLifetimeSeconds: Double = 3_600

    public init(keys: KeyRing, masterKey: MasterKey, clock: WallClock) {
        self.keys = keys
        self.masterKey = masterKey
        self.clock = clock
    }

    /// Looks at the headers: finds the key, and proves it as far as headers can.
    /// - Throws: `APIError` 401 that says which part is missing or wrong.
    public func authenticate(_ headers: HTTPFields) throws(APIError) -> ConvertCaller {
        guard let header = headers[.authorization], let space = header.utf8.firstIndex(of: UInt8(ascii: " ")) else {
            throw Self.unauthorized(
                "The Authorization header is missing. Sign the request, or send \"Bearer KEY_ID:KEY_SECRET\".")
        }
        let credentials = Substring(header.utf8[space...].drop { $0 == UInt8(ascii: " ") })
        switch header[..<space].lowercased() {
        case "convert-hmac-sha256": return try signer(String(credentials), headers)
        case "bearer": return try bearer(credentials)
        default:
            throw Self.unauthorized("The Authorization scheme must be Convert-HMAC-SHA256 or Bearer.")
        }
    }

    /// Checks the signature under a request that was read.
    /// - Throws: `APIError` 401 when it is not the key's.
    public func verify(_ caller: ConvertCaller, _ content: SignedContent) throws {
        guard let signature = caller.signature else { return }
        func isValid(_ url: String) throws -> Bool {
            do {
                return try caller.key.isSignature(
                    signature.code, expires: signature.expires, url: url, body: content.body, masterKey: masterKey)
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
        try Self.require(.requestSigning, of: caller.key)
    }

    private func signer(_ credentials: String, _ headers: HTTPFields) throws(APIError) -> ConvertCaller {
        guard let applicationID = Self.header("Convert-Application-ID", headers) else {
            throw Self.unauthorized("The Convert-Application-ID header is missing.")
        }
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
        let prefix = "Signature="
        guard credentials.hasPrefix(prefix) else {
            throw Self.unauthorized("The Authorization header must be \"Convert-HMAC-SHA256 Signature=...\".")
        }
        guard let key = keys.convertKey(applicationID: applicationID) else { throw Self.badSignature }
        return ConvertCaller(
            key: key,
            signature: ConvertCaller.Signature(expires: expires, code: String(credentials.dropFirst(prefix.count))))
    }

    private func bearer(_ credentials: Substring) throws(APIError) -> ConvertCaller {
        let shown = BearerCredentials(credentials)
        guard let secret = shown.secret else {
            throw Self.unauthorized("The bearer token must be KEY_ID:KEY_SECRET.")
        }
        guard let key = keys.convertKey(applicationID: shown.identifier), key.isSecret(secret) else {
            throw Self.unauthorized("The key id or its secret is not valid. The key may have been deleted.")
        }
        try Self.require(.secretKey, of: key)
        return ConvertCaller(key: key, signature: nil)
    }

    private static func require(_ way: ConvertKeyAuthentication, of key: ConvertKey) throws(APIError) {
        guard let only = key.authentication, only != way else { return }
        throw unauthorized("This API key is of type \(only.rawValue) and cannot be used in another way.")
    }

    private static let badSignature = unauthorized(
        "The application id or the signature is not valid. Sign application id, Expires, the full URL as it is "
            + "requested, and the raw body, joined by line feeds.")

    private static func header(_ name: String, _ headers: HTTPFields) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func unauthorized(_ message: String) -> APIError {
        APIError(.unauthorized, message, headers: [.wwwAuthenticate: "Convert-HMAC-SHA256, Bearer"])
    }
}
