import ControlStore
import Identity
import Time

/// For who has forgotten the password.
extension LoginService {
    /// Mails a code to the address, where it is anybody's (contract operation `requestForgotPassword`). Nobody is told whether it
    /// is, nor by how long it takes.
    /// - Throws: ``LoginError/throttled(seconds:)`` for who asks too often.
    public func requestReset(_ name: String, from origin: Origin) async throws {
        let started = ContinuousClock.now
        let now = clock.now
        let subjects = self.subjects("reset \(name)", origin)
        try await store.write { database in
            if let seconds = try throttle.wait(subjects, at: now, in: database) {
                throw LoginError.throttled(seconds: seconds)
            }
            try throttle.note(subjects, at: now, in: database)
            guard let user = try User.fetch(email: name, from: database) else { return }
            let code = try LoginStep.make(.reset, user.id, at: now, in: database)
            try mails.sendReset(code: code, to: user, in: database)
        }
        try await Task.sleep(until: started.advanced(by: Self.answerTime))
    }

    /// Far longer than it takes to write a letter or not to write one.
    private static let answerTime = Duration.milliseconds(250)

    /// Sets the password that goes with a mailed code, and ends all sessions (contract operation `confirmPasswordReset`). The
    /// authenticator app is asked for all the same.
    /// - Throws: ``LoginError``.
    public func confirmReset(code: String, password: String, from origin: Origin) async throws -> Outcome {
        try Self.check(password, field: "newPassword")
        let now = clock.now
        try await requireStep(code, .reset, at: now)
        let hash = try await PasswordHash.make(password)
        let (userID, outcome) = try await store.write { database -> (Int64, Outcome) in
            guard let step = try LoginStep.attempt(code, .reset, at: now, in: database),
                let user = try User.fetch(step.userID, from: database)
            else { throw LoginError.expired }
            try LoginStep.endAll(ofUser: user.id, in: database)
            try sessions.end(.all, ofUser: user.id, in: database)
            try UserSecrets.setPasswordHash(hash, of: user.id, mustChange: false, in: database)
            // Who has the mail may go on: what others have guessed is not held against them.
            try throttle.forgive([.user(user.email), .user("reset \(user.email)")], in: database)
            try mails.sendNotice("Your password was changed by a code that was mailed to you.", to: user, in: database)
            if user.hasMFA {
                let step = try LoginStep.make(.mfa, user.id, at: now, in: database)
                return (user.id, .codeRequired(step: step, of: user))
            }
            return (user.id, try signIn(user, origin, in: database))
        }
        journal.note(.changed("another password, by a mailed code"), userID, from: origin)
        journal.note(outcome, by: .mailedCode, from: origin)
        return outcome
    }
}
