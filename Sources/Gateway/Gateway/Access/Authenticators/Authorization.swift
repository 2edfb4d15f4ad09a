import HTTPTypes

/// The header `Authorization: SCHEME CREDENTIALS`.
struct Authorization {
    /// In lower case.
    let scheme: String
    let credentials: Substring

    /// Nil without the header, and when it is one word.
    init?(_ headers: HTTPFields) {
        guard let header = headers[.authorization], let space = header.utf8.firstIndex(of: UInt8(ascii: " ")) else {
            return nil
        }
        scheme = header[..<space].lowercased()
        credentials = Substring(header.utf8[space...].drop { $0 == UInt8(ascii: " ") })
    }
}
