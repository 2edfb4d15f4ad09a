import ControlStore
public import Identity
import Time

/// Changing what others may do, and taking it away.
extension CollaboratorService {
    /// What is to be of somebody; what is nil stays.
    public struct Change: Sendable {
        /// All that they may do in the account from now on; not nothing.
        public var accesses: Accesses?
        /// Of somebody who is only asked: others have names of their own choice.
        public var firstName: String?
        public var lastName: String?

        public init(accesses: Accesses?, firstName: String? = nil, lastName: String? = nil) {
            self.accesses = accesses
            self.firstName = firstName
            self.lastName = lastName
        }
    }

    /// Which accesses are taken away.
    public enum Removal: Sendable {
        case all
        /// Nil is the access to the whole account.
        case places([Int64?])
    }

    /// Changes what somebody may do (contract operation `updateAccountUserAccesses`); sessions notice with their next request.
    /// - Throws: ``CollaboratorError``.
    public func update(
        _ name: CollaboratorName, _ change: Change, accountID: Int64, by editor: CollaboratorEditor,
        noting note: CollaboratorNote
    ) async throws -> Collaborator {
        let now = clock.now
        try Self.checkNames(change.firstName, change.lastName)
        return try await store.write { database in
            let own = try editor.current(in: accountID, database)
            let old = try find(name, accountID: accountID, at: now, from: database)
            let accesses = change.accesses ?? old.accesses
            try check(accesses, accountID: accountID, by: own, in: database)
            try set(accesses, of: old, accountID: accountID, by: own, at: now, in: database)
            if case .pending(let id) = old.state {
                try Invitation.rename(id, first: change.firstName, last: change.lastName, in: database)
            }
            let new = try find(name, accountID: accountID, at: now, from: database)
            if new != old { try note.write(accountID, old, new, database) }
            return new
        }
    }

    /// Takes away what somebody may do (contract operation `deleteAccountUserAccesses`): who may do nothing more is none of the
    /// account's people, and an invitation to nothing is none.
    /// - Throws: ``CollaboratorError``.
    public func remove(
        _ name: CollaboratorName, _ removal: Removal, accountID: Int64, by editor: CollaboratorEditor,
        noting note: CollaboratorNote
    ) async throws {
        let now = clock.now
        try await store.write { database in
            let own = try editor.current(in: accountID, database)
            let old = try find(name, accountID: accountID, at: now, from: database)
            let left = try Self.rest(of: old.accesses, after: removal)
            try set(left, of: old, accountID: accountID, by: own, at: now, in: database)
            try note.write(accountID, old, left.isEmpty ? nil : old.with(left), database)
        }
    }

    /// What stays of accesses.
    /// - Throws: ``CollaboratorError/invalid(field:_:)`` for what is not among them.
    static func rest(of accesses: Accesses, after removal: Removal) throws -> Accesses {
        guard case .places(let places) = removal else { return Accesses(everywhere: nil) }
        var (everywhere, projects) = (accesses.everywhere, accesses.projects)
        for place in places {
            guard let place else {
                guard everywhere != nil else {
                    throw CollaboratorError.invalid(
                        field: "accesses", "accesses: there is no access to the whole account.")
                }
                everywhere = nil
                continue
            }
            guard projects.removeValue(forKey: place) != nil else {
                let way =
                    everywhere == nil ? "" : " The access is to the whole account; it can be changed to some projects."
                throw CollaboratorError.invalid(
                    field: "accesses", "accesses: there is no access to the project \(place).\(way)")
            }
        }
        return Accesses(everywhere: everywhere, projects: projects)
    }

    /// Stores what somebody may do from now on.
    /// - Throws: ``CollaboratorError`` when they have more than the editor, and for the last owner.
    private func set(
        _ new: Accesses, of collaborator: Collaborator, accountID: Int64, by own: Accesses, at now: Timestamp,
        in database: Database
    ) throws {
        if let excess = own.excess(of: collaborator.accesses) {
            throw CollaboratorError.forbidden(
                "Whoever has a lesser role may not change or remove somebody whose role is \(excess.role.rawValue) \(excess.place)."
            )
        }
        switch collaborator.state {
        case .pending(let id):
            if new.isEmpty {
                try Invitation.delete(id, in: database)
            } else {
                try Invitation.setAccesses(new, of: id, in: database)
            }
        case .active(let id):
            // Here and nowhere else is it certain: no other transaction writes meanwhile.
            if collaborator.accesses.everywhere == .owner, new.everywhere != .owner,
                try !Accesses.hasOwner(accountID: accountID, besides: id, from: database)
            {
                throw CollaboratorError.conflict(
                    "This is the last owner of the account, who can neither be removed nor have a lesser role.")
            }
            try new.store(ofUser: id, in: accountID, at: now, database)
        }
    }
}
