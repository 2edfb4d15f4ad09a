public import ControlStore
import Identity
public import Time

/// The people of an account: who they are, who is asked, and what they may do.
public struct CollaboratorService: Sendable {
    let store: ControlStore
    let mails: any InvitationMails
    let clock: WallClock

    /// People and invitations that an account may have.
    static let maximumCount = 1_000

    /// - Parameter mails: writes to those who are asked.
    public init(store: ControlStore, mails: any InvitationMails, clock: WallClock) {
        self.store = store
        self.mails = mails
        self.clock = clock
    }

    /// Those who work in an account, oldest first, then those who are asked.
    public func list(accountID: Int64) async throws -> [Collaborator] {
        let now = clock.now
        return try await store.read { database in
            let accesses = try Accesses.fetch(ofAccount: accountID, from: database)
            let active = try User.fetchAll(ofAccount: accountID, from: database).compactMap { user in
                accesses[user.id].map { Collaborator(user, $0) }
            }
            return try active
                + Invitation.fetchAll(accountID: accountID, at: now, from: database).map(\.collaborator)
        }
    }

    /// Whom a name is of.
    /// - Throws: ``CollaboratorError/invalid(field:_:)`` for nobody of the account.
    func find(
        _ name: CollaboratorName, accountID: Int64, at now: Timestamp, from database: Database
    ) throws -> Collaborator {
        let user: User?
        switch name {
        case .email(let email):
            if let invitation = try Invitation.fetch(email: email, accountID: accountID, at: now, from: database) {
                return invitation.collaborator
            }
            user = try User.fetch(email: email, from: database)
        case .user(let id):
            user = try User.fetch(id, from: database)
        }
        guard let user, let accesses = try Accesses.fetch(ofUser: user.id, from: database)[accountID] else {
            throw CollaboratorError.invalid(
                field: name.field, "\(name.field) names nobody who works in this account or is asked to.")
        }
        return Collaborator(user, accesses)
    }

    /// - Throws: ``CollaboratorError`` for more than the editor has, and for projects that are not the account's.
    func check(_ new: Accesses, accountID: Int64, by own: Accesses, in database: Database) throws {
        let known = Set(try Project.fetchAll(accountID: accountID, from: database).map(\.id))
        if let unknown = new.projects.keys.sorted().first(where: { !known.contains($0) }) {
            throw CollaboratorError.invalid(
                field: "accesses", "accesses: there is no project \(unknown) in this account.")
        }
        if let excess = own.excess(of: new) {
            throw CollaboratorError.forbidden(
                "The role \(excess.role.rawValue) is greater than that of who gives it \(excess.place): \(excess.own?.rawValue ?? "none")."
            )
        }
    }
}

extension Collaborator {
    init(_ user: User, _ accesses: Accesses) {
        self.init(
            state: .active(userID: user.id), email: user.email, firstName: user.firstName, lastName: user.lastName,
            accesses: accesses)
    }
}
