/// Something that takes messages for delivery.
public protocol Mailer: Sendable {
    /// The sender that the operator configured, for messages that the server writes on its own account.
    var sender: Mailbox { get }

    /// Hands `message` over; returns once it is accepted for all recipients and safe on the other side.
    ///
    /// One refused recipient refuses the message for all. To keep recipients independent, send each a message of their
    /// own.
    func send(_ message: MailMessage) async throws(MailError)
}
