public import ControlStore

/// Writes to those who are asked into accounts. Answered by the room that mails; within the transaction, so that a mail goes out
/// exactly when what it is about is stored.
public protocol InvitationMails: Sendable {
    /// - Parameters:
    ///   - hash: what accepts the invitation, within seven days.
    ///   - account: the account's name.
    ///   - inviter: the name of who asks.
    ///   - message: what they say; nil for nothing.
    func sendInvitation(
        hash: String, to email: String, account: String, inviter: String, message: String?, in database: Database)
        throws

    /// - Parameters:
    ///   - password: of a login that was just made; good for seven days, and to be changed at the first login.
    ///   - account: the account's name.
    func sendPassword(_ password: String, to email: String, account: String, in database: Database) throws
}
