public import ControlStore
public import Identity
import Text
public import Time

/// Logs people in, step by step (contract operation `doAuth`).
///
/// Whoever the name is of, and whether it is anybody's, an attempt takes as long and is answered alike.
public struct LoginService: Sendable {
    let store: ControlStore
    let sessions: SessionStore
    let masterKey: MasterKey
    let mails: any LoginMails
    let clock: WallClock
    let throttle = LoginThrottle()
    let journal = LoginJournal()

    /// - Parameter mails: sends what people need to go on.
    public init(
        store: ControlStore, sessions: SessionStore, masterKey: MasterKey, mails: any LoginMails, clock: WallClock
    ) {
        self.store = store
        self.sessions = sessions
        self.masterKey = masterKey
        self.mails = mails
        self.clock = clock
    }

    /// Who asks.
    public struct Origin: Sendable {
        /// As the client calls itself.
        public let client: String
        /// Nil when it is not known.
        public let address: String?
        /// Names the request in the log.
        public let requestID: String

        public init(client: String, address: String?, requestID: String) {
            self.client = client
            self.address = address
            self.requestID = requestID
        }
    }

    /// Where a login stands.
    public enum Outcome: Sendable {
        /// - token: what the cookie is to hold.
        case signedIn(token: String, SignedInUser)
        /// A code of the authenticator app is missing.
        case codeRequired(step: String, of: User)
        /// Another password is to be chosen.
        case newPasswordRequired(step: String, of: User)
    }

    /// The first step: e-mail address and password.
    /// - Throws: ``LoginError``.
    public func begin(_ name: String, password: String, from origin: Origin) async throws -> Outcome {
        let subjects = self.subjects(name, origin)
        let now = clock.now
        let found = try await store.write { database -> (user: User, hash: String)? in
            if let seconds = try throttle.wait(subjects, at: now, in: database) {
                throw LoginError.throttled(seconds: seconds)
            }
            try throttle.note(subjects, at: now, in: database)
            guard let user = try User.fetch(email: name, from: database),
                let hash = try UserSecrets.passwordHash(of: user.id, at: now, from: database)
            else { return nil }
            return (user, hash)
        }
        // As much work for who is not there, and for what is longer than any password.
        let isRight: Bool
        do {
            isRight = try await Self.isRight(password, found?.hash)
        } catch {
            try await store.write { try throttle.takeBack(subjects, in: $0) }
            throw error
        }
        guard let found, isRight else {
            journal.note(.failed(.password), found?.user.id, from: origin)
            throw LoginError.wrong
        }
        let outcome = try await store.write { database in
            // The password may have been changed while it was looked at.
            guard let user = try User.fetch(found.user.id, from: database),
                try UserSecrets.passwordHash(of: user.id, at: now, from: database) == found.hash
            else { throw LoginError.wrong }
            if user.hasMFA {
                return Outcome.codeRequired(
                    step: try LoginStep.make(.mfa, user.id, at: now, in: database), of: user)
            }
            try throttle.forgive(subjects, in: database)
            return try finish(user, origin, at: now, in: database)
        }
        journal.note(outcome, by: .password, from: origin)
        return outcome
    }

    /// The code of the authenticator app, or one of the back-up codes.
    /// - Throws: ``LoginError``.
    public func provideCode(_ code: String, step: String, from origin: Origin) async throws -> Outcome {
        let now = clock.now
        // A wrong code must count although nothing else comes of it: so nothing is thrown inside.
        typealias Attempt = (userID: Int64?, factor: LoginJournal.Factor, result: Result<Outcome, LoginError>)
        let attempt = try await store.write { database -> Attempt in
            guard let attempt = try LoginStep.attempt(step, .mfa, at: now, in: database),
                let user = try User.fetch(attempt.userID, from: database)
            else { return (nil, .app, .failure(.expired)) }
            let subjects = self.subjects(user.email, origin)
            let codes = [LoginThrottle.Subject.codes(user.id)] + subjects.dropFirst()
            if let seconds = try throttle.wait(codes, at: now, in: database) {
                return (user.id, .app, .failure(.throttled(seconds: seconds)))
            }
            guard let factor = try MFA(masterKey: masterKey).take(code, ofUser: user.id, at: now, in: database) else {
                try throttle.note(codes, at: now, in: database)
                return (user.id, .app, .failure(.wrong))
            }
            try LoginStep.end(step, in: database)
            try throttle.forgive(codes + subjects, in: database)
            return (user.id, factor, .success(try finish(user, origin, at: now, in: database)))
        }
        if case .failure(.wrong) = attempt.result { journal.note(.failed(.app), attempt.userID, from: origin) }
        let outcome = try attempt.result.get()
        journal.note(outcome, by: attempt.factor, from: origin)
        return outcome
    }

    /// Another password, where the last was somebody else's choice.
    /// - Throws: ``LoginError``.
    public func choosePassword(_ password: String, step: String, from origin: Origin) async throws -> Outcome {
        try Self.check(password, field: "data.newPassword")
        let now = clock.now
        try await requireStep(step, .newPassword, at: now)
        let hash = try await PasswordHash.make(password)
        let outcome = try await store.write { database in
            guard let attempt = try LoginStep.attempt(step, .newPassword, at: now, in: database),
                let user = try User.fetch(attempt.userID, from: database)
            else { throw LoginError.expired }
            try LoginStep.endAll(ofUser: user.id, in: database)
            try sessions.end(.all, ofUser: user.id, in: database)
            try UserSecrets.setPasswordHash(hash, of: user.id, mustChange: false, in: database)
            return try signIn(user, origin, in: database)
        }
        journal.note(outcome, by: .newPassword, from: origin)
        return outcome
    }

    // MARK: parts

    /// Before a password is hashed, which takes long: nobody without a step has any hashed.
    /// - Throws: ``LoginError/expired`` for one that is not, or no longer, good.
    func requireStep(_ token: String, _ purpose: LoginStep.Purpose, at now: Timestamp) async throws {
        guard try await store.read({ try LoginStep.isGood(token, purpose, at: now, in: $0) }) else {
            throw LoginError.expired
        }
    }

    /// What is left to do once it is certain who it is.
    func finish(_ user: User, _ origin: Origin, at now: Timestamp, in database: Database) throws -> Outcome {
        guard !user.mustChangePassword else {
            return .newPasswordRequired(
                step: try LoginStep.make(.newPassword, user.id, at: now, in: database), of: user)
        }
        return try signIn(user, origin, in: database)
    }

    func signIn(_ user: User, _ origin: Origin, in database: Database) throws -> Outcome {
        let (token, session) = try sessions.begin(user.id, client: origin.client, in: database)
        let current = try User.fetch(user.id, from: database) ?? user
        return .signedIn(
            token: token,
            SignedInUser(user: current, session: session, accesses: try Accesses.fetch(ofUser: user.id, from: database))
        )
    }

    func subjects(_ name: String, _ origin: Origin) -> [LoginThrottle.Subject] {
        [.user(name)] + (origin.address.map { [.address($0)] } ?? [])
    }

    /// - Throws: ``LoginError/invalid(field:_:)``.
    static func check(_ password: String, field: String) throws(LoginError) {
        if let fault = PasswordPolicy.fault(password) { throw LoginError.invalid(field: field, "\(field) \(fault).") }
    }

    /// Whether a password is the one of a hash; nil for the hash of nobody. What is longer than any password is never right, and
    /// as much work as others.
    static func isRight(_ password: String, _ hash: String?) async throws -> Bool {
        let looked = password.codePoints(upTo: maximumPasswordLength)
        let isWhole = looked.utf8.count == password.utf8.count
        return try await PasswordHash.verify(looked, against: isWhole ? hash ?? nobodysHash : nobodysHash)
    }

    /// Passwords that were made before there was a limit are let in.
    private static let maximumPasswordLength = 256

    /// Of a password that nobody knows, made with the cost of all others.
    private static let nobodysHash =
        "$argon2id$v=19$m=19456,t=2,p=1$c2V4dGFudC1ub2JvZHktMQ$8C2IY5mI0mIh4b8kF1cY1b8rB8kVdN0b2eH3vJv6m2g"
}

/// Sends what people need to go on. Answered by the room that mails; within the transaction, so that a mail goes out exactly when
/// what it is about is stored.
public protocol LoginMails: Sendable {
    /// - Parameter code: with which a new password can be chosen within ten minutes.
    func sendReset(code: String, to user: User, in database: Database) throws

    /// - Parameter code: with which the address can be confirmed within ten minutes.
    func sendConfirmation(code: String, to address: String, of user: User, in database: Database) throws

    /// That something about the login was changed, such as the password, for who has not done it.
    /// - Parameter change: a sentence.
    func sendNotice(_ change: String, to user: User, in database: Database) throws
}
