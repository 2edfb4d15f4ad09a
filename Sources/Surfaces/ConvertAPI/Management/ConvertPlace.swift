import Gateway
import HTTPTypes
import Identity
import Resources

/// Where an operation works, as its address tells, and what its handler gets of it.
struct ConvertPlace<Proof: Sendable>: Sendable {
    let name: String
    /// - Throws: `APIError` 404 for what is not there for the caller, 403 for what is there and not theirs to use.
    let find: @Sendable (ConvertCaller, RequestHead, ProjectStore) async throws -> Proof
}

extension ConvertPlace where Proof == ConvertCaller {
    /// The account of the address.
    static var account: ConvertPlace {
        ConvertPlace(name: "account") { caller, head, _ in
            _ = try accountID(head.path, of: caller)
            return caller
        }
    }

    /// The caller's account, whatever the address.
    static var ownAccount: ConvertPlace {
        ConvertPlace(name: "own account") { caller, _, _ in caller }
    }
}

extension ConvertPlace where Proof == ResourceScope {
    /// The project of the address.
    static var project: ConvertPlace {
        ConvertPlace(name: "project") { caller, head, projects in
            let accountID = try accountID(head.path, of: caller)
            let id = try head.path.pathID("project_id")
            guard let project = try await projects.project(id, accountID: accountID) else {
                throw APIError.notFound("There is no project \(id) in this account.")
            }
            guard caller.mayUse(project: id) else {
                throw APIError(.forbidden, "This API key may not use the project \(id).")
            }
            return ResourceScope(project: project, author: caller.author)
        }
    }
}

/// - Throws: `APIError` 404 for another account than the caller's own.
private func accountID(_ path: PathParameters, of caller: ConvertCaller) throws(APIError) -> Int64 {
    let id = try path.pathID("account_id")
    guard id == caller.accountID else { throw APIError.notFound("There is no account \(id), or not for this key.") }
    return id
}
