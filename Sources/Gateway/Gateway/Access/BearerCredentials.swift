public import HTTPTypes

/// The two parts of `Authorization: Bearer IDENTIFIER:SECRET`.
public struct BearerCredentials: Sendable {
    public let identifier: String
    /// Nil when there is no colon.
    public let secret: String?

    /// Nil for another scheme, and without the header.
    public init?(_ headers: HTTPFields) {
        guard let header = headers[.authorization],
            let space = header.utf8.firstIndex(of: UInt8(ascii: " ")),
            header[..<space].lowercased() == "bearer"
        else { return nil }
        self.init(header[space...])
    }

    /// - Parameter credentials: what follows the scheme.
    public init(_ credentials: Substring) {
        let credentials = credentials.utf8.drop { $0 == UInt8(ascii: " ") }
        guard let colon = credentials.firstIndex(of: UInt8(ascii: ":")) else {
            identifier = String(Substring(credentials))
            secret = nil
            return
        }
        identifier = String(Substring(credentials[..<colon]))
        secret = String(Substring(credentials[colon...].dropFirst()))
    }
}
