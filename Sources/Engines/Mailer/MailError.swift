/// Why a message was not accepted for delivery.
public enum MailError: Error, Sendable, Hashable {
    /// Not an address that mail can be sent to.
    case invalidAddress(String, reason: String)
    /// A field of the message cannot be sent.
    case invalidMessage(field: String, reason: String)
    /// A setting is missing or wrong. `field` names it as the operator writes it.
    case invalidConfiguration(field: String, reason: String)
    /// The server refused for good (reply 5xx): a recipient, the sender or the content.
    case rejected(code: Int, reply: String)
    /// The server does not accept the user name and password.
    case loginRefused(code: Int, reply: String)
    /// The connection could not be protected as the settings demand, so nothing was sent.
    case insecure(server: String, reason: String)
    /// The server refused for now (reply 4xx).
    case deferred(code: Int, reply: String)
    /// The server could not be reached, or the connection broke.
    case unreachable(server: String, reason: String)
    /// The mail folder on disk refused.
    case disk(path: String, reason: String)
    /// The task was cancelled before the message was sent.
    case cancelled
}

extension MailError {
    /// Whether sending the same message again is useless. What the operator can mend is not: a login that is refused, a
    /// certificate that is not trusted.
    public var isPermanent: Bool {
        switch self {
        case .invalidAddress, .invalidMessage: true
        case .rejected(let code, _): !Self.loginCodes.contains(code)
        case .invalidConfiguration, .loginRefused, .insecure, .deferred, .unreachable, .disk, .cancelled: false
        }
    }

    /// That there is no login, or a wrong one (RFC 4954, section 6).
    private static let loginCodes = [530, 534, 535, 538]
}

extension MailError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidAddress(let address, let reason):
            "'\(address)' is not a usable e-mail address: \(reason)."
        case .invalidMessage(let field, let reason):
            "The message's \(field) cannot be sent: \(reason)."
        case .invalidConfiguration(let field, let reason):
            "\(field): \(reason)."
        case .rejected(let code, let reply):
            "The mail server refused the message for good (\(code): \(reply))."
        case .loginRefused(let code, let reply):
            "The mail server refused the login (\(code): \(reply)): check user and password in the SMTP address."
        case .insecure(let server, let reason):
            "The connection to \(server) could not be protected (\(reason)): install a trusted certificate there, name "
                + "its authority with ca=FILE, or relax starttls in the SMTP address."
        case .deferred(let code, let reply):
            "The mail server refused the message for now (\(code): \(reply))."
        case .unreachable(let server, let reason):
            "The mail server \(server) could not be used (\(reason)): check host, port and network."
        case .disk(let path, let reason):
            "The mail folder '\(path)' refused: \(reason)."
        case .cancelled:
            "Sending was cancelled."
        }
    }
}
