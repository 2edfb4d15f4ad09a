import ControlStore
import Identity
import Time

/// What somebody may change of their own login.
extension LoginService {
    /// What is to be changed (contract schema `UserProfileDataUpdate`); what is nil stays.
    public struct Changes: Sendable {
        public var firstName: String?
        public var lastName: String?
        public var email: String?
        public var newPassword: String?
        /// The code of the app that is to be asked for from now on.
        public var enablingCode: String?
        public var disablesMFA = false
        /// Needed for all but names.
        public var currentPassword: String?

        public init() {}

        fileprivate var needsPassword: Bool {
            email != nil || newPassword != nil || enablingCode != nil || disablesMFA
        }
    }

    /// Changes names, password, address or the second factor of somebody who is logged in (contract operation
    /// `updateUserProfileData`). Another address counts once the code mailed to it has come back.
    /// - Returns: codes to fall back on, where the second factor was turned on.
    /// - Throws: ``LoginError``.
    public func change(_ caller: SignedInUser, _ changes: Changes, from origin: Origin) async throws -> [String] {
        if changes.needsPassword { try await prove(caller.user, changes.currentPassword, from: origin) }
        if let email = changes.email, !User.isEmailAddress(email) {
            throw LoginError.invalid(field: "email", "email must be an e-mail address.")
        }
        var hash: String?
        if let password = changes.newPassword {
            try Self.check(password, field: "newPassword")
            hash = try await PasswordHash.make(password)
        }
        let (now, id) = (clock.now, caller.user.id)
        return try await store.write { [hash] database in
            guard let user = try User.fetch(id, from: database) else { throw LoginError.expired }
            try User.rename(id, first: changes.firstName, last: changes.lastName, in: database)
            if let hash {
                try UserSecrets.setPasswordHash(hash, of: id, mustChange: false, in: database)
                // Whoever else is logged in may be why it is changed.
                try sessions.end(.allBut(caller.session.id), ofUser: id, in: database)
                try mails.sendNotice("Your password was changed.", to: user, in: database)
            }
            if let email = changes.email, email.lowercased() != user.email.lowercased() {
                let code = try LoginStep.make(.email, id, detail: email, at: now, in: database)
                try mails.sendConfirmation(code: code, to: email, of: user, in: database)
            }
            if changes.disablesMFA {
                try mfa.disable(ofUser: id, in: database)
                try mails.sendNotice("Logins take no code of an authenticator app any more.", to: user, in: database)
            }
            guard let code = changes.enablingCode else { return [] }
            if user.hasMFA { throw LoginError.conflict("The second factor is on already.") }
            guard let codes = try mfa.enable(code, ofUser: id, at: now, in: database) else {
                throw LoginError.invalid(
                    field: "mfa.mfaCode",
                    "mfa.mfaCode is not what the app shows for the secret of mfa-secret at this moment.")
            }
            try mails.sendNotice("Logins take a code of an authenticator app from now on.", to: user, in: database)
            return codes
        }
    }

    /// Makes a secret for an authenticator app (contract operation `generateMfaSecret`).
    /// - Returns: base32.
    /// - Throws: ``LoginError/conflict(_:)`` while the second factor is on.
    public func makeMFASecret(_ caller: SignedInUser) async throws -> String {
        try await store.write { database in
            guard let user = try User.fetch(caller.user.id, from: database) else { throw LoginError.expired }
            if user.hasMFA {
                throw LoginError.conflict("The second factor is on. Turn it off before it is set up anew.")
            }
            return try mfa.makeSecret(ofUser: user.id, in: database)
        }
    }

    /// Takes the code that was mailed to another address: it counts from now on (contract operation `confirmEmail`).
    /// - Throws: ``LoginError``.
    public func confirmEmail(_ caller: SignedInUser, code: String) async throws {
        let now = clock.now
        try await store.write { database in
            guard let step = try LoginStep.attempt(code, .email, at: now, in: database),
                step.userID == caller.user.id, let email = step.detail,
                let user = try User.fetch(step.userID, from: database)
            else { throw LoginError.expired }
            try LoginStep.end(code, in: database)
            if let other = try User.fetch(email: email, from: database), other.id != user.id {
                throw LoginError.conflict("The address cannot be used.")
            }
            try User.setEmail(email, of: user.id, in: database)
            try mails.sendNotice("The address of your login was changed to another.", to: user, in: database)
        }
    }

    /// - Throws: ``LoginError`` unless it is the user's password.
    private func prove(_ user: User, _ password: String?, from origin: Origin) async throws {
        guard let password else {
            throw LoginError.invalid(field: "currentPassword", "currentPassword is needed for this.")
        }
        let subjects = self.subjects(user.email, origin)
        let now = clock.now
        let hash = try await store.write { database in
            if let seconds = try throttle.wait(subjects, at: now, in: database) {
                throw LoginError.throttled(seconds: seconds)
            }
            try throttle.note(subjects, at: now, in: database)
            return try UserSecrets.passwordHash(of: user.id, at: now, from: database)
        }
        guard let hash, try await PasswordHash.verify(password, against: hash) else {
            throw LoginError.invalid(field: "currentPassword", "currentPassword is wrong.")
        }
        try await store.write { try throttle.forgive(subjects, in: $0) }
    }

    private var mfa: MFA { MFA(masterKey: masterKey) }
}
