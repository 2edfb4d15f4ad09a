import Gateway
import HTTPTypes
import Identity
import JSON
import Serving
import ServingDocument

/// What anybody may fetch and send by the id of a project; handlers get the project as it is served.
extension Policy where Source == ConfigStore, Proof == ServedRevision {
    /// Whoever names a project that is there.
    static var anyone: Policy {
        Policy("anyone(project)", for: [.stranger]) { _, head, configs in
            try await configs.served(head.path)
        }
    }

    /// The same for what projects can keep to callers with an SDK key.
    static var anyoneUnlessKeysAreRequired: Policy {
        Policy("anyone(project that requires no key)", for: [.stranger]) { _, head, configs in
            let served = try await configs.served(head.path)
            guard !served.requiresKey else {
                throw APIError.notFound("This project serves its config by SDK key only.")
            }
            return served
        }
    }
}

extension Policy where Source == ConfigStore, Proof == SDKAccess {
    /// Whoever names an SDK key that is there: SDKs do not send the secret along with events.
    static var sdkKey: Policy {
        Policy("SDK key", for: [.sdkKey]) { caller, _, _ in try caller.sdkKey() }
    }

    /// Whoever names an SDK key that has no secret, or shows its secret.
    static var sdkKeyWithSecret: Policy {
        Policy("SDK key with secret", for: [.sdkKey]) { caller, _, _ in
            try caller.sdkKey()
        } permit: { caller, _ in
            guard case .sdkKey(_, showsSecret: true) = caller else {
                throw APIError(
                    .unauthorized,
                    "This SDK key needs its secret: send the header Authorization: Bearer SDK_KEY_SECRET.")
            }
        }
    }
}

extension Policy where Source == ConfigStore, Proof == Void {
    /// Whoever sends: the body says to which project.
    static var anyoneNaming: Policy { Policy("anyone(project of the body)", for: [.stranger]) { _, _, _ in } }
}

extension ConfigStore {
    /// The project of an address.
    /// - Throws: `APIError` 404.
    func served(_ path: PathParameters) async throws -> ServedRevision {
        try await served(path.pathID("project_id"), accountID: path.pathID("account_id"))
    }

    /// - Throws: `APIError` 404 when the account has no such project.
    func served(_ projectID: Int64, accountID: Int64) async throws -> ServedRevision {
        guard let served = try await project(projectID), served.project.accountID == accountID else {
            throw APIError.notFound("There is no project \(projectID) in the account \(accountID).")
        }
        return served
    }
}
