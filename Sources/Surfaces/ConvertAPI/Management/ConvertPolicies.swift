import Gateway
import HTTPTypes
import Identity
import Resources
import Sessions

/// What may be done in an account and its projects; handlers get the place.
extension Policy where Source == ProjectStore {
    /// Whoever has the permission there may: see ``Permission``.
    static func may(_ permission: Permission, in place: ConvertPlace<Proof>) -> Policy {
        Policy("\(permission.name)(\(place.name))", for: [.convertKey, .user]) { principal, head, projects in
            try await place.find(ConvertCaller(principal, head, in: place.account(head)), head, projects)
        } permit: { principal, head in
            let caller = try ConvertCaller(principal, head, in: place.account(head))
            try caller.require(permission, by: place.role(caller.accesses, head))
        }
    }
}

extension Policy where Source == ProjectStore, Proof == SignedInUser {
    /// Whoever has logged in, in their own matters.
    static var person: Policy {
        Policy("own login", for: [.user]) { principal, _, _ in
            guard case .user(let caller) = principal else { throw APIError(.unauthorized, "Log in for this.") }
            return caller
        }
    }
}

extension Policy where Source == ProjectStore, Proof == ConvertCaller {
    /// Whoever has logged in and has the permission in all of an account: the first such account, where the address names none.
    static func person(may permission: Permission) -> Policy {
        Policy("\(permission.name)(own account)", for: [.user]) { principal, head, _ in
            try ConvertCaller(principal, head, whoseAccountLets: permission)
        } permit: { principal, head in
            let caller = try ConvertCaller(principal, head, whoseAccountLets: permission)
            try caller.require(permission, by: caller.accesses.everywhere)
        }
    }
}

extension Policy where Source == ProjectStore, Proof == Void {
    /// Anybody, but no page of another site: what is answered sets a cookie.
    static var anybodyFromOwnPages: Policy {
        Policy("anybody", for: [.stranger]) { _, _, _ in }.guarded
    }
}

extension Policy where Source == ProjectStore, Proof == [ConvertCaller] {
    /// Whoever is of any account: handlers get the caller once for each.
    static var ownAccounts: Policy {
        Policy("own accounts", for: [.convertKey, .user]) { principal, head, _ in
            guard case .user(let caller) = principal else { return [try ConvertCaller(principal, head, in: nil)] }
            return try caller.accesses.keys.sorted().map { try ConvertCaller(principal, head, in: $0) }
        }
    }
}

extension Policy where Source == ProjectStore, Proof == ResourceScope {
    /// Whoever has an experience's report token may look at that experience, without a key.
    static var reportToken: Policy {
        Policy("report token", for: [.reportToken]) { _, head, projects in
            let (accountID, id) = (try head.path.pathID("account_id"), try head.path.pathID("project_id"))
            guard let project = try await projects.project(id, accountID: accountID) else {
                throw ReportTokenAuthentication.invalid
            }
            let author = ChangeAuthor(name: "report token", method: .api, requestID: head.requestID)
            return ResourceScope(project: project, author: author, role: .browse)
        }
    }
}
