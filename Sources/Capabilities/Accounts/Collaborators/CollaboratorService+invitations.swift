import ControlStore
public import Identity
import Time

/// Somebody to be asked into an account.
public struct Invitee: Sendable {
    public var email: String
    public var firstName: String
    public var lastName: String
    public var accesses: Accesses
    /// What the mail says besides; nil for nothing.
    public var message: String?

    public init(email: String, firstName: String, lastName: String, accesses: Accesses, message: String?) {
        self.email = email
        self.firstName = firstName
        self.lastName = lastName
        self.accesses = accesses
        self.message = message
    }
}

/// Asking people into an account.
extension CollaboratorService {
    /// Mails an invitation (contract operation `addAccountUserAccesses`). Whether the address has a login already, nobody is told.
    /// - Throws: ``CollaboratorError``.
    public func invite(
        _ invitee: Invitee, accountID: Int64, by editor: CollaboratorEditor, noting note: CollaboratorNote
    ) async throws -> Collaborator {
        guard User.isEmailAddress(invitee.email) else {
            throw CollaboratorError.invalid(
                field: "email", "email must be an e-mail address, in ASCII (domains as xn--).")
        }
        try Self.checkNames(invitee.firstName, invitee.lastName)
        guard !invitee.accesses.isEmpty else {
            throw CollaboratorError.invalid(
                field: "accesses", "accesses must say what the new collaborator may do: a role, and where.")
        }
        let now = clock.now
        return try await store.write { database in
            let own = try editor.current(in: accountID, database)
            try check(invitee.accesses, accountID: accountID, by: own, in: database)
            try Invitation.sweep(at: now, in: database)
            if try Invitation.fetch(email: invitee.email, accountID: accountID, at: now, from: database) != nil {
                throw CollaboratorError.conflict(
                    "This address has an invitation already. Update it, or delete it to send another.")
            }
            if let user = try User.fetch(email: invitee.email, from: database),
                try Accesses.fetch(ofUser: user.id, from: database)[accountID] != nil
            {
                throw CollaboratorError.conflict(
                    "This address is a collaborator already. Update the accesses by user_id.")
            }
            try checkCount(accountID, at: now, in: database)
            try InvitationLimit.note(accountID: accountID, at: now, in: database)
            let (_, hash) = try Invitation.make(invitee, accountID: accountID, at: now, in: database)
            let new = try find(.email(invitee.email), accountID: accountID, at: now, from: database)
            try mails.sendInvitation(
                hash: hash, to: invitee.email, account: Self.name(of: accountID, from: database), inviter: editor.name,
                message: invitee.message, in: database)
            try note.write(accountID, nil, new, database)
            return new
        }
    }

    /// Accepts an invitation, once (contract operation `acceptInvitation`). Who has no login yet is given one, and its password is
    /// mailed.
    /// - Returns: whether a login was made.
    /// - Throws: ``CollaboratorError``.
    public func accept(_ hash: String, noting note: CollaboratorNote) async throws -> Bool {
        let now = clock.now
        // A hash of a password takes its time: not for who guesses, and not within the transaction.
        let hasLogin = try await store.read { database in
            guard let invitation = try Invitation.fetch(hash: hash, at: now, from: database) else {
                throw CollaboratorError.noInvitation
            }
            return try User.fetch(email: invitation.collaborator.email, from: database) != nil
        }
        let password = hasLogin ? nil : SecretToken.make(prefix: "")
        var passwordHash: String?
        if let password { passwordHash = try await PasswordHash.make(password) }
        return try await store.write { [passwordHash] database in
            guard let invitation = try Invitation.fetch(hash: hash, at: now, from: database),
                case .pending(let id) = invitation.collaborator.state, !invitation.collaborator.accesses.isEmpty
            else { throw CollaboratorError.noInvitation }
            let old = invitation.collaborator
            var user = try User.fetch(email: old.email, from: database)
            let isNew = user == nil
            if isNew {
                guard let password, let passwordHash else { throw CollaboratorError.noInvitation }
                user = try User.add(
                    email: old.email, firstName: old.firstName, lastName: old.lastName, passwordHash: passwordHash,
                    expiresAt: now.adding(seconds: Invitation.lifetimeSeconds), at: now, in: database)
                try mails.sendPassword(
                    password, to: old.email, account: Self.name(of: invitation.accountID, from: database), in: database)
            }
            guard let user else { throw CollaboratorError.noInvitation }
            try Invitation.delete(id, in: database)
            let before = try Accesses.fetch(ofUser: user.id, from: database)[invitation.accountID]
            let accesses = before.map { $0.joined(with: old.accesses) } ?? old.accesses
            try accesses.store(ofUser: user.id, in: invitation.accountID, at: now, database)
            try note.write(invitation.accountID, old, Collaborator(user, accesses), database)
            return isNew
        }
    }

    /// - Throws: ``CollaboratorError/invalid(field:_:)``.
    static func checkNames(_ first: String?, _ last: String?) throws(CollaboratorError) {
        for (field, name) in [("first_name", first), ("last_name", last)] {
            guard let fault = name.flatMap(User.nameFault) else { continue }
            throw .invalid(field: field, "\(field) \(fault)")
        }
    }

    private func checkCount(_ accountID: Int64, at now: Timestamp, in database: Database) throws {
        let count =
            try Accesses.fetch(ofAccount: accountID, from: database).count
            + Invitation.count(accountID: accountID, from: database)
        guard count < Self.maximumCount else {
            throw CollaboratorError.conflict(
                "An account has \(Self.maximumCount) collaborators and pending invitations at most. Delete some first.")
        }
    }

    private static func name(of accountID: Int64, from database: Database) throws -> String {
        try Account.settings(of: accountID, from: database)?.name ?? ""
    }
}
