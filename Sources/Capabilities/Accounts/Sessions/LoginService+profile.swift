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

        /// As the log tells of them.
        fileprivate var noted: [String] {
            [
                newPassword == nil ? nil : "another password", enablingCode == nil ? nil : "authenticator app on",
                disablesMFA ? "authenticator app off" : nil,
            ].compactMap(\.self)
        }

        fileprivate var needsPassword: Bool {
            email != nil || newPassword != nil || enablingCode != nil || disablesMFA
        }
    }

    /// Changes names, password, address or the second factor of somebody who is logged in (contract operation
    /// `updateUserProfileData`). Another address counts once the code mailed to it has come back.
    /// - Returns: codes to fall back on, where the second factor was turned on.
    /// - Throws: ``LoginError``.
    public func change(_ caller: SignedInUser, _ changes: Changes, from origin: Origin) async throws -> [String] {
        for (field, name) in [("firstName", changes.firstName), ("lastName", changes.lastName)] {
            guard let fault = name.flatMap(User.nameFault) else { continue }
            throw LoginError.invalid(field: field, "\(field) \(fault)")
        }
        if changes.needsPassword { try await prove(caller.user, changes.currentPassword, from: origin) }
        if let email = changes.email, !User.isEmailAddress(email) {
            throw LoginError.invalid(field: "email", "email must be an e-mail address, in ASCII (domains as xn--).")
        }
        var hash: String?
        if let password = changes.newPassword {
            try Self.check(password, field: "newPassword")
            hash = try await PasswordHash.make(password)
        }
        let (now, id) = (clock.now, caller.user.id)
        let codes: [String] = try await store.write { [hash] database in
            guard let user = try User.fetch(id, from: database) else { throw LoginError.expired }
            try User.rename(id, first: changes.firstName, last: changes.lastName, in: database)
            if let hash {
                try UserSecrets.setPasswordHash(hash, of: id, mustChange: false, in: database)
                // Whoever else is logged in, or about to, may be why it is changed.
                try LoginStep.endAll(ofUser: id, in: database)
                try sessions.end(.allBut(caller.session.id), ofUser: id, in: database)
                try mails.sendNotice("Your password was changed.", to: user, in: database)
            }
            if let email = changes.email, try User.fetch(email: email, from: database)?.id != id {
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
        for what in changes.noted { journal.note(.changed(what), id, from: origin) }
        return codes
    }

    /// Makes the codes to fall back on anew: those that there were are good no more (operation `makeBackupCodes`).
    /// - Parameters:
    ///   - password: the current one; or else
    ///   - code: of the authenticator app, or one of the codes that there are.
    /// - Throws: ``LoginError``; ``LoginError/conflict(_:)`` while logins take no code.
    public func makeBackupCodes(
        _ caller: SignedInUser, password: String?, code: String?, from origin: Origin
    ) async throws -> [String] {
        let id = caller.user.id
        if let password {
            try await prove(caller.user, password, as: "password", from: origin)
        } else if let code {
            try await prove(caller.user, code: code, from: origin)
        } else {
            throw LoginError.invalid(
                field: "password", "password is needed for this, or code: what the authenticator app shows.")
        }
        let codes = try await store.write { database in
            guard let user = try User.fetch(id, from: database) else { throw LoginError.expired }
            guard user.hasMFA else {
                throw LoginError.conflict(
                    "Logins take no code of an authenticator app. Turn that on: codes come along.")
            }
            let codes = try mfa.makeBackupCodes(ofUser: id, in: database)
            try mails.sendNotice("The codes to fall back on were made anew.", to: user, in: database)
            return codes
        }
        journal.note(.changed("other back-up codes"), id, from: origin)
        return codes
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
    public func confirmEmail(_ caller: SignedInUser, code: String, from origin: Origin) async throws {
        let now = clock.now
        try await store.write { database in
            guard let step = try LoginStep.attempt(code, .email, at: now, in: database),
                step.userID == caller.user.id, let email = step.detail,
                let user = try User.fetch(step.userID, from: database)
            else { throw LoginError.expired }
            // What was mailed to the old address, or begun with it, is good no more.
            try LoginStep.endAll(ofUser: user.id, in: database)
            if let other = try User.fetch(email: email, from: database), other.id != user.id {
                throw LoginError.conflict("The address cannot be used.")
            }
            try User.setEmail(email, of: user.id, in: database)
            try mails.sendNotice("The address of your login was changed to another.", to: user, in: database)
        }
        journal.note(.changed("another address"), caller.user.id, from: origin)
    }

    /// - Throws: ``LoginError`` unless it is the user's password.
    /// - Parameter field: the member of the request that it stands in.
    private func prove(
        _ user: User, _ password: String?, as field: String = "currentPassword", from origin: Origin
    ) async throws {
        guard let password else { throw LoginError.invalid(field: field, "\(field) is needed for this.") }
        let subjects = self.subjects(user.email, origin)
        let now = clock.now
        let hash = try await store.write { database in
            if let seconds = try throttle.wait(subjects, at: now, in: database) {
                throw LoginError.throttled(seconds: seconds)
            }
            try throttle.note(subjects, at: now, in: database)
            return try UserSecrets.passwordHash(of: user.id, at: now, from: database)
        }
        let isRight: Bool
        do {
            isRight = if let hash { try await Self.isRight(password, hash) } else { false }
        } catch {
            try await store.write { try throttle.takeBack(subjects, in: $0) }
            throw error
        }
        guard isRight else {
            journal.note(.failed(.password), user.id, from: origin)
            throw LoginError.invalid(field: field, "\(field) is wrong.")
        }
        try await store.write { try throttle.forgive(subjects, in: $0) }
    }

    /// - Throws: ``LoginError`` unless a code is good; it is good no more then.
    private func prove(_ user: User, code: String, from origin: Origin) async throws {
        let now = clock.now
        let subjects = [LoginThrottle.Subject.codes(user.id)] + self.subjects(user.email, origin).dropFirst()
        // A wrong code must count although nothing else comes of it: so nothing is thrown inside.
        let fault = try await store.write { database -> LoginError? in
            if let seconds = try throttle.wait(subjects, at: now, in: database) { return .throttled(seconds: seconds) }
            guard try mfa.take(code, ofUser: user.id, at: now, in: database) != nil else {
                try throttle.note(subjects, at: now, in: database)
                return .invalid(field: "code", "code is wrong, or was used before.")
            }
            try throttle.forgive(subjects, in: database)
            return nil
        }
        guard let fault else { return }
        if case .invalid = fault { journal.note(.failed(.app), user.id, from: origin) }
        throw fault
    }

    private var mfa: MFA { MFA(masterKey: masterKey) }
}
