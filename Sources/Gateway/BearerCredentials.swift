public import HTTPTypes

/// The two parts of `Authorization: Bearer IDENTIFIER:SECRET`.
public struct BearerCredentials: Sendable {
    public let identifier: String
    /// Nil when there is no colon.
    public let secret: String?

    /// Nil for another scheme, and without the header.
    public init?(_ headers: HTTPFields) {
        guard let header = headers[.authorization], let space = header.firstIndex(of: " "),
            header[..<space].lowercased() == "bearer"
        else { return nil }
        self.init(header[space...])
    }

    /// - Parameter credentials: what follows the scheme.
    public init(_ credentials: Substring) {
        let credentials = credentials.drop { $0 == " " }
        guard let colon = credentials.firstIndex(of: ":") else {
            identifier = String(credentials)
            secret = nil
            return
        }
        identifier = String(credentials[..<colon])
        secret = String(credentials[credentials.index(after: colon)...])
    }
}
