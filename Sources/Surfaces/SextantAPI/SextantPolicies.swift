import Gateway
import HTTPTypes
import Identity
import Sessions

/// What decisions are made for.
struct DecisionScope: Sendable {
    let projectID: Int64
    /// Name of the environment; nil for an SDK key that works in all of the project's.
    let environment: String?
}

extension Policy where Proof == DecisionScope {
    /// Every key of an environment may, and SDK keys, with their secret if they have one.
    static var decide: Policy {
        Policy("decide", for: [.environmentKey, .sdkKey]) { caller, _, _ in
            if case .sdkKey(let access, _) = caller {
                return DecisionScope(projectID: access.projectID, environment: access.environment)
            }
            let key = try caller.environmentKey()
            return DecisionScope(projectID: key.projectID, environment: key.environmentName)
        } permit: { caller, _ in
            if case .sdkKey(_, showsSecret: false) = caller { throw SDKKeyInHeader.unknownOrWithoutSecret }
        }
    }
}

extension Policy where Source == Void, Proof == SignedInUser {
    /// Whoever has logged in, in their own matters.
    static var person: Policy {
        Policy("own login", for: [.user]) { principal, _, _ in
            guard case .user(let caller) = principal else { throw APIError(.unauthorized, "Log in for this.") }
            return caller
        }
    }
}

/// A project of an account.
struct ProjectOfAccount: Sendable {
    let projectID: Int64
    let accountID: Int64
}

extension Policy where Proof == ProjectOfAccount {
    /// Convert keys with the role admin or account_manager that may use the project of the address.
    static var manageProject: Policy {
        Policy("manage(project)", for: [.convertKey]) { caller, head, _ in
            ProjectOfAccount(
                projectID: try head.path.pathID("project_id"), accountID: try caller.convertKey().accountID)
        } permit: { caller, head in
            let (key, projectID) = (try caller.convertKey(), try head.path.pathID("project_id"))
            guard key.accesses.role(inProject: projectID)?.may(.edit(.project)) ?? false else {
                throw APIError(
                    .forbidden,
                    "This needs a key of the project with the role admin or account_manager; this one may not.")
            }
        }
    }
}
