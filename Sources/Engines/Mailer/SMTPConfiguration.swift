import Foundation

/// Which server takes the mail, and how to speak to it.
///
/// Written as one address: `smtp://user:password@host:587?from=reports@example.com&starttls=required`. User, password
/// and parameters are percent-encoded. Parameters:
/// - `from` (needed): the sender's address; `from_name`: the name shown for it.
/// - `starttls`: `required` (the rule when there is a password), `auto` (when offered; the rule otherwise) or `none`. Not
///   for `smtps://`, which is encrypted from its first byte.
/// - `ca`: a file of trusted certificates instead of the system's.
/// - `helo`: what the client calls itself; the machine's host name unless set.
public struct SMTPConfiguration: Sendable, CustomReflectable {
    /// How the connection is protected.
    public enum Encryption: String, Sendable {
        /// Encrypted from the first byte (`smtps://`).
        case implicit
        /// STARTTLS or nothing.
        case required
        /// STARTTLS when the server offers it.
        case auto
        /// Never encrypted.
        case none
    }

    /// Host and port.
    public let server: String
    /// Nil to send without a login.
    public let user: String?
    let password: String?
    /// How the connection is protected.
    public let encryption: Encryption
    /// From the parameters `from` and `from_name`.
    public let sender: Mailbox
    /// The file of trusted certificates; nil for the system's.
    public let certificateAuthorities: String?
    /// The client's own name.
    public let clientName: String?

    /// Seconds to wait for the connection.
    public var connectTimeoutSeconds = 15
    /// Seconds to wait for each answer of the server.
    public var responseTimeoutSeconds = 60
    /// Seconds for a whole message.
    public var totalTimeoutSeconds = 300

    /// - Throws: ``MailError/invalidConfiguration(field:reason:)``.
    public init(address: String) throws(MailError) {
        func invalid(_ reason: String, _ parameter: String? = nil) -> MailError {
            .invalidConfiguration(field: parameter.map { "SMTP address, \($0)" } ?? "SMTP address", reason: reason)
        }
        // Nothing of the address goes into a message: it may hold the password.
        guard let parts = URLComponents(string: address), let scheme = parts.scheme,
            ["smtp", "smtps"].contains(scheme),
            let host = parts.encodedHost, !host.isEmpty, ["", "/"].contains(parts.path), parts.fragment == nil
        else { throw invalid("write it as smtp(s)://[user:password@]host[:port]?from=ADDRESS") }
        var settings: [String: String] = [:]
        for item in parts.queryItems ?? [] {
            guard ["from", "from_name", "starttls", "ca", "helo"].contains(item.name) else {
                throw invalid("there is no such parameter", item.name)
            }
            guard settings.updateValue(item.value ?? "", forKey: item.name) == nil else {
                throw invalid("it is given twice", item.name)
            }
        }
        guard let from = settings["from"] else { throw invalid("give the sender's address with from=ADDRESS") }
        do throws(MailError) {
            self.sender = try Mailbox(name: settings["from_name"], address: try EmailAddress(from))
        } catch {
            throw invalid(String(describing: error), "from")
        }
        guard (parts.user == nil) == (parts.password == nil) else {
            throw invalid("give user and password, or neither")
        }
        for text in [parts.user, parts.password, settings["ca"]].compactMap(\.self)
        where text.isEmpty || text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            throw invalid("user, password or ca is empty or has a control character")
        }
        if let name = settings["helo"], !EmailAddress.isDomain(name[...]) {
            throw invalid("'\(name)' is no host name", "helo")
        }
        self.server = "\(host):\(parts.port ?? (scheme == "smtps" ? 465 : 587))"
        self.user = parts.user
        self.password = parts.password
        self.certificateAuthorities = settings["ca"]
        self.clientName = settings["helo"]
        switch (scheme, settings["starttls"]) {
        case ("smtps", nil): self.encryption = .implicit
        case ("smtps", _): throw invalid("leave it out: smtps:// is encrypted from its first byte", "starttls")
        case (_, nil): self.encryption = parts.password == nil ? .auto : .required
        case (_, "required"): self.encryption = .required
        case (_, "auto"): self.encryption = .auto
        case (_, "none"): self.encryption = .none
        default: throw invalid("choose required, auto or none", "starttls")
        }
    }

    /// Without the password.
    public var customMirror: Mirror {
        Mirror(self, children: ["server": server, "user": user ?? "", "encryption": encryption.rawValue])
    }
}
