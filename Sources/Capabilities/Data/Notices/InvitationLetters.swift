public import ControlStore
public import Cryptography
public import Jobs
public import Time

/// Writes to people who are asked into accounts: each letter is a job that is there exactly when what it is about is.
public struct InvitationLetters: Sendable {
    private let jobs: JobStore
    private let key: SecretKey
    private let publicURL: String
    private let clock: WallClock

    private static let lifetimeSeconds: Int64 = 7 * 86_400

    /// - Parameters:
    ///   - key: 32 bytes, under which letters wait that hold secrets.
    ///   - publicURL: where people reach this server, such as `https://sextant.example.com`.
    public init(jobs: JobStore, key: SecretKey, publicURL: String, clock: WallClock) {
        self.jobs = jobs
        self.key = key
        self.publicURL = publicURL
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
        let said = message.map { "\n\n\(Self.line(inviter)) says: \(Self.line($0))" } ?? ""
        try send(
            to: email, subject: "An invitation to Sextant",
            text: """
                \(Self.line(inviter)) asks you to work in the account "\(Self.line(account))" at \(publicURL).\(said)

                What accepts the invitation is good for seven days, and once:

                  \(hash)

                If you do not know who asks, there is nothing to do.
                """, in: database)
    }

    /// - Parameters:
    ///   - password: of a login that was just made; good for seven days, and to be changed at the first login.
    ///   - account: the account's name.
    public func sendPassword(_ password: String, to email: String, account: String, in database: Database) throws {
        try send(
            to: email, subject: "Your login for Sextant",
            text: """
                You may work in the account "\(Self.line(account))" at \(publicURL) now. Your login is \(email), and its password,
                which is to be changed at the first login and good for seven days:

                  \(password)

                After that, ask for a new one there as if it was forgotten.
                """, in: database)
    }

    /// - Parameters:
    ///   - account: the name of the account that is theirs from now on.
    ///   - author: the name of who has made it.
    ///   - message: what they say; nil for nothing.
    public func sendOwnership(
        of account: String, to email: String, by author: String, message: String?, in database: Database
    ) throws {
        let said = message.map { "\n\n\(Self.line(author)) says: \(Self.line($0))" } ?? ""
        try send(
            to: email, subject: "An account at Sextant is yours",
            text: """
                \(Self.line(author)) has made the account "\(Self.line(account))" at \(publicURL), and you own it.\(said)
                """, in: database)
    }

    /// What people have typed stays on one line, so that it looks like nothing else in the letter.
    private static func line(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.isLineEnd ? " " : $0 }))
    }

    private func send(to email: String, subject: String, text: String, in database: Database) throws {
        let letter = Letter(
            to: email, subject: subject, text: text, expiresAt: clock.now.adding(seconds: Self.lifetimeSeconds))
        try jobs.enqueue(
            NewJob(kind: LetterJob.kind, environmentID: nil, holder: .server, payload: LetterOrder(letter, key)),
            in: database)
    }
}

extension Unicode.Scalar.Properties {
    /// Whether the character is a control character, or begins another line or paragraph.
    fileprivate var isLineEnd: Bool {
        [.control, .lineSeparator, .paragraphSeparator].contains(generalCategory)
    }
}
