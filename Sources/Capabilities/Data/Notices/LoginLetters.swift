public import ControlStore
public import Cryptography
public import Jobs
public import Time

/// Writes to people about their logins: each letter is a job that is there exactly when what it is about is.
public struct LoginLetters: Sendable {
    private let jobs: JobStore
    private let key: SecretKey
    private let publicURL: String
    private let clock: WallClock

    private static let codeSeconds: Int64 = 600

    /// - Parameters:
    ///   - key: 32 bytes, under which letters wait that hold codes.
    ///   - publicURL: where people reach this server, such as `https://sextant.example.com`.
    public init(jobs: JobStore, key: SecretKey, publicURL: String, clock: WallClock) {
        self.jobs = jobs
        self.key = key
        self.publicURL = publicURL
        self.clock = clock
    }

    /// - Parameter login: the address of who has forgotten the password.
    public func sendReset(code: String, to login: String, in database: Database) throws {
        try send(
            Letter(
                to: login, subject: "A new password for Sextant",
                text: """
                    Somebody, most likely you, wants to set a new password for the login \(login) at \(publicURL).

                    The code for it is good for ten minutes, and once:

                      \(code)

                    If it was not you, there is nothing to do: without the code nothing changes.
                    """, expiresAt: clock.now.adding(seconds: Self.codeSeconds)), in: database)
    }

    /// - Parameters:
    ///   - address: the one to be confirmed.
    ///   - login: the one that counts until then.
    public func sendConfirmation(code: String, to address: String, of login: String, in database: Database) throws {
        try send(
            Letter(
                to: address, subject: "Confirm your address for Sextant",
                text: """
                    The login \(login) at \(publicURL) is to have this address. The code that confirms it is good for
                    ten minutes, and once:

                      \(code)

                    If it was not you, there is nothing to do: without the code nothing changes.
                    """, expiresAt: clock.now.adding(seconds: Self.codeSeconds)), in: database)
    }

    /// - Parameters:
    ///   - change: what was changed, in a sentence.
    ///   - login: the address of whose it was.
    public func sendNotice(_ change: String, to login: String, in database: Database) throws {
        try send(
            Letter(
                to: login, subject: "Your Sextant login was changed",
                text: """
                    \(change)

                    It is about the login \(login) at \(publicURL). If it was not you, set a new password, and tell whoever runs
                    the server.
                    """), in: database)
    }

    private func send(_ letter: Letter, in database: Database) throws {
        // An address that no mail can go to keeps nobody from logging in.
        try jobs.enqueue(
            NewJob(
                kind: LetterJob.kind, environmentID: nil, holder: .server, payload: LetterOrder(letter, key)),
            in: database)
    }
}
