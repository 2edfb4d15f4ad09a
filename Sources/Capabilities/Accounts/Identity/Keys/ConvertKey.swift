import Cryptography
import JSON

/// How a Convert application proves itself (contract schema `ApiKeyAuthTypes`).
public enum ConvertKeyAuthentication: String, Sendable, CaseIterable {
    /// Every request carries a signature made with the secret.
    case requestSigning
    /// Every request carries the secret itself, as a bearer token.
    case secretKey
}

/// A valid Convert application, as the key ring holds it.
public struct ConvertKey: Sendable {
    public let keyID: Int64
    public let accountID: Int64
    /// The application id.
    public let identifier: String
    /// What its owner calls it.
    public let label: String
    public let role: Role
    /// The one way it proves itself; nil when either will do.
    public let authentication: ConvertKeyAuthentication?
    /// The projects it may use; nil for all of the account.
    public let projectIDs: Set<Int64>?
    let secretDigest: [UInt8]
    let sealedSecret: [UInt8]

    /// Whether it may change keys of the account.
    var mayManageKeys: Bool { accesses.everywhere?.may(.manageKeys) ?? false }

    /// What it may do, and where.
    public var accesses: Accesses { Accesses(role, in: projectIDs) }

    /// Whether this is its secret. Takes as long for a near miss as for any other.
    public func isSecret(_ candidate: String) -> Bool {
        SecretToken.digest(of: candidate) == Digest(stored: secretDigest)
    }

    /// Whether a signature was made with its secret.
    ///
    /// HMAC-SHA256, in hexadecimal, of application id, expiry, URL and body, joined by line feeds (the vendor's page
    /// "API key authentication").
    /// - Parameters:
    ///   - expires: the header's text as it was sent.
    ///   - url: the address as the client wrote it, with the query.
    /// - Throws: ``MasterKeyError/cannotOpen`` when the store was written under another master key.
    public func isSignature(
        _ signature: String, expires: String, url: String, body: [UInt8], masterKey: MasterKey
    ) throws(MasterKeyError) -> Bool {
        guard let claimed = AuthenticationCode(hexadecimal: signature) else { return false }
        let secret = try masterKey.unseal(sealedSecret, context: identifier)
        var code = HMAC(key: SecretKey(secret.utf8))
        code.update(Array("\(identifier)\n\(expires)\n\(url)\n".utf8))
        code.update(body)
        return code.finish() == claimed
    }

    /// A key that nobody can show, to ask policies about.
    public static func example(role: Role, projectIDs: Set<Int64>?) -> ConvertKey {
        ConvertKey(
            keyID: 0, accountID: 0, identifier: "", label: "", role: role, authentication: nil, projectIDs: projectIDs,
            secretDigest: [], sealedSecret: [])
    }

    /// Reads the column `project_ids`.
    static func projectIDs(_ text: String?) -> Set<Int64>? {
        guard let text else { return nil }
        // What cannot be read opens nothing.
        guard let ids = try? JSONValue(stored: text).array else { return [] }
        return ids.isEmpty ? nil : Set(ids.compactMap(\.int64))
    }
}
