import HTTPTypes

/// The two parts of `Authorization: Bearer IDENTIFIER:SECRET`.
struct BearerCredentials {
    let identifier: String
    /// Nil when there is no colon.
    let secret: String?

    /// Nil for another scheme, and without the header.
    init?(_ headers: HTTPFields) {
        guard let shown = Authorization(headers), shown.scheme == "bearer" else { return nil }
        let credentials = shown.credentials.utf8
        guard let colon = credentials.firstIndex(of: UInt8(ascii: ":")) else {
            identifier = String(shown.credentials)
            secret = nil
            return
        }
        identifier = String(Substring(credentials[..<colon]))
        secret = String(Substring(credentials[colon...].dropFirst()))
    }
}
