/// An address with the name to show for it.
public struct Mailbox: Sendable, Hashable {
    /// Nil for none.
    public let name: String?
    /// Where mail goes.
    public let address: EmailAddress

    /// - Parameter name: any text without control characters, at most 200 characters; nil or empty for none.
    /// - Throws: ``MailError/invalidMessage(field:reason:)``.
    public init(name: String? = nil, address: EmailAddress) throws(MailError) {
        if let name { try HeaderText.check(name, field: "sender name", limit: 200) }
        self.name = name.flatMap { $0.isEmpty ? nil : $0 }
        self.address = address
    }

    /// A mailbox without a name.
    public init(address: EmailAddress) {
        self.name = nil
        self.address = address
    }
}
