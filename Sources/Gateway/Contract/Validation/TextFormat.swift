/// The formats that are checked; all others are taken as remarks.
enum TextFormat: String, Sendable {
    case date
    case dateTime = "date-time"
    case email
    case uri
    case uuid
    case ipv4
    case ipv6
    /// Either of the two.
    case ipAddress = "ip-address"

    /// "a date such as 2024-05-31".
    var phrase: String {
        switch self {
        case .date: "a date such as 2024-05-31"
        case .dateTime: "a date and time such as 2024-05-31T12:30:00Z"
        case .email: "an e-mail address"
        case .uri: "an absolute URI"
        case .uuid: "a UUID"
        case .ipv4: "an IPv4 address"
        case .ipv6: "an IPv6 address"
        case .ipAddress: "an IP address"
        }
    }

    func accepts(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var scanner = FormatScanner(bytes)
        return switch self {
        case .date: scanner.date() && scanner.isAtEnd
        case .dateTime: scanner.dateTime() && scanner.isAtEnd
        case .email: FormatScanner.isEmail(bytes)
        case .uri: FormatScanner.isURI(bytes)
        case .uuid: scanner.uuid() && scanner.isAtEnd
        case .ipv4: scanner.ipv4() && scanner.isAtEnd
        case .ipv6: FormatScanner.isIPv6(bytes)
        case .ipAddress: Self.ipv4.accepts(bytes) || FormatScanner.isIPv6(bytes)
        }
    }
}
