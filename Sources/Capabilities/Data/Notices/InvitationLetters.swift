public import ControlStore
public import Time

/// Writes to people who are asked into accounts: each letter is a job that is there exactly when what it is about is.
public struct InvitationLetters: Sendable {
    private let box: LetterBox
    private let clock: WallClock

    private static let lifetimeSeconds: Int64 = 7 * 86_400

    public init(_ box: LetterBox, clock: WallClock) {
        self.box = box
        self.clock = clock
    }

    /// - Parameters:
    ///   - hash: what accepts the invitation, within seven days.
    ///   - account: the account's name.
    ///   - inviter: the name of who asks.
    ///   - message: what they say; nil for nothing.
    public func sendInvitation(
        hash: String, to email: String, account: String, inviter: String, message: String?, in database: Database
    ) throws {
        try post(
            InvitationLetter(
                inviter: LetterLine(inviter), account: LetterLine(account), message: message.map(LetterLine.init),
                hash: LetterLine(hash), server: server), to: email, in: database)
    }

    /// - Parameters:
    ///   - password: of a login that was just made; good for seven days, and to be changed at the first login.
    ///   - account: the account's name.
    public func sendPassword(_ password: String, to email: String, account: String, in database: Database) throws {
        try post(
            NewLoginLetter(
                account: LetterLine(account), login: LetterLine(email), password: LetterLine(password), server: server),
            to: email, in: database)
    }

    /// - Parameters:
    ///   - account: the name of the account that is theirs from now on.
    ///   - author: the name of who has made it.
    ///   - message: what they say; nil for nothing.
    public func sendOwnership(
        of account: String, to email: String, by author: String, message: String?, in database: Database
    ) throws {
        try post(
            AccountOwnershipLetter(
                author: LetterLine(author), account: LetterLine(account), message: message.map(LetterLine.init),
                server: server), to: email, in: database)
    }

    private var server: LetterLine { LetterLine(box.publicURL) }

    private func post(_ content: some LetterContent, to email: String, in database: Database) throws {
        try box.post(
            content, to: email, expiresAt: clock.now.adding(seconds: Self.lifetimeSeconds), in: database)
    }
}
