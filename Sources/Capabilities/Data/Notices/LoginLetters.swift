public import ControlStore
public import Time

/// Writes to people about their logins: each letter is a job that is there exactly when what it is about is.
public struct LoginLetters: Sendable {
    private let box: LetterBox
    private let clock: WallClock

    private static let codeSeconds: Int64 = 600

    public init(_ box: LetterBox, clock: WallClock) {
        self.box = box
        self.clock = clock
    }

    /// - Parameter login: the address of who has forgotten the password.
    public func sendReset(code: String, to login: String, in database: Database) throws {
        try box.post(
            PasswordResetLetter(login: LetterLine(login), code: LetterLine(code), server: LetterLine(box.publicURL)),
            to: login, expiresAt: clock.now.adding(seconds: Self.codeSeconds), in: database)
    }

    /// - Parameters:
    ///   - address: the one to be confirmed.
    ///   - login: the one that counts until then.
    public func sendConfirmation(code: String, to address: String, of login: String, in database: Database) throws {
        try box.post(
            AddressConfirmationLetter(
                login: LetterLine(login), code: LetterLine(code), server: LetterLine(box.publicURL)),
            to: address, expiresAt: clock.now.adding(seconds: Self.codeSeconds), in: database)
    }

    /// - Parameters:
    ///   - change: what was changed, in a sentence.
    ///   - login: the address of whose it was.
    public func sendNotice(_ change: String, to login: String, in database: Database) throws {
        try box.post(
            LoginChangeLetter(
                change: LetterLine(change), login: LetterLine(login), server: LetterLine(box.publicURL)),
            to: login, in: database)
    }
}
