public import ControlStore
public import Identity
public import Jobs
public import Sessions
public import Time

/// Writes to people about their logins: each letter is a job that is there exactly when what it is about is.
public struct LoginLetters: LoginMails {
    private let jobs: JobStore
    private let masterKey: MasterKey
    private let publicURL: String
    private let clock: WallClock

    private static let codeSeconds: Int64 = 600

    /// - Parameter publicURL: where people reach this server, such as `https://sextant.example.com`.
    public init(jobs: JobStore, masterKey: MasterKey, publicURL: String, clock: WallClock) {
        self.jobs = jobs
        self.masterKey = masterKey
        self.publicURL = publicURL
        self.clock = clock
    }

    public func sendReset(code: String, to user: User, in database: Database) throws {
        try send(
            Letter(
                to: user.email, subject: "A new password for Sextant",
                text: """
                    Somebody, most likely you, wants to set a new password for the login \(user.email) at \(publicURL).

                    The code for it is good for ten minutes, and once:

                      \(code)

                    If it was not you, there is nothing to do: without the code nothing changes.
                    """, expiresAt: clock.now.adding(seconds: Self.codeSeconds)), in: database)
    }

    public func sendConfirmation(code: String, to address: String, of user: User, in database: Database) throws {
        try send(
            Letter(
                to: address, subject: "Confirm your address for Sextant",
                text: """
                    The login \(user.email) at \(publicURL) is to have this address. The code that confirms it is good for
                    ten minutes, and once:

                      \(code)

                    If it was not you, there is nothing to do: without the code nothing changes.
                    """, expiresAt: clock.now.adding(seconds: Self.codeSeconds)), in: database)
    }

    public func sendNotice(_ change: String, to user: User, in database: Database) throws {
        try send(
            Letter(
                to: user.email, subject: "Your Sextant login was changed",
                text: """
                    \(change)

                    It is about the login \(user.email) at \(publicURL). If it was not you, set a new password, and tell whoever runs
                    the server.
                    """), in: database)
    }

    private func send(_ letter: Letter, in database: Database) throws {
        // An address that no mail can go to keeps nobody from logging in.
        try jobs.enqueue(
            NewJob(
                kind: LetterJob.kind, environmentID: nil, holder: .server, payload: LetterOrder(letter, masterKey)),
            in: database)
    }
}
