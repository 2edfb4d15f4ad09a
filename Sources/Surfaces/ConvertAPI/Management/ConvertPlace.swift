import Gateway
import HTTPTypes
import Identity
import Resources

/// Where an operation works, as its address tells, and what its handler gets of it.
struct ConvertPlace<Proof: Sendable>: Sendable {
    let name: String
    /// - Throws: `APIError` 404 for what is not there for the caller, 403 for what is there and not theirs to use.
    let find: @Sendable (ConvertCaller, RequestHead, ProjectStore) async throws -> Proof
    /// The role by which the caller may do something there; nil for none.
    let role: @Sendable (Accesses, RequestHead) throws -> Role?

    /// The account of the address; nil where it names none.
    func account(_ head: RequestHead) throws(APIError) -> Int64? {
        guard head.path.has("account_id") else { return nil }
        return try head.path.pathID("account_id")
    }
}

extension ConvertPlace where Proof == ConvertCaller {
    /// The account of the address, and all of its projects.
    static var account: ConvertPlace {
        ConvertPlace(name: "account", find: find) { accesses, _ in accesses.everywhere }
    }

    /// The projects of the account of the address, as far as the caller may do it there: handlers leave out the others.
    static var projects: ConvertPlace {
        ConvertPlace(name: "projects", find: find) { accesses, _ in accesses.greatest }
    }

    /// The caller's account, whatever the address.
    static var ownAccount: ConvertPlace {
        ConvertPlace(name: "own account") { caller, _, _ in
            caller
        } role: { accesses, _ in
            accesses.greatest
        }
    }

    @Sendable private static func find(
        _ caller: ConvertCaller, _ head: RequestHead, _ projects: ProjectStore
    ) throws -> ConvertCaller {
        _ = try accountID(head.path, of: caller)
        return caller
    }
}

extension ConvertPlace where Proof == ResourceScope {
    /// The project of the address.
    static var project: ConvertPlace {
        ConvertPlace(name: "project", find: find) { accesses, head in
            accesses.role(inProject: try head.path.pathID("project_id"))
        }
    }

    /// The project of the address, by what may be done in the whole account.
    static var projectOfAccount: ConvertPlace {
        ConvertPlace(name: "account's project", find: find) { accesses, _ in accesses.everywhere }
    }

    @Sendable private static func find(
        _ caller: ConvertCaller, _ head: RequestHead, _ projects: ProjectStore
    ) async throws -> ResourceScope {
        let accountID = try accountID(head.path, of: caller)
        let id = try head.path.pathID("project_id")
        guard let project = try await projects.project(id, accountID: accountID) else {
            throw APIError.notFound("There is no project \(id) in this account.")
        }
        guard let role = caller.accesses.role(inProject: id) else {
            throw APIError(.forbidden, "The project \(id) is not among those of this caller.")
        }
        return ResourceScope(project: project, author: caller.author, role: role)
    }
}

/// - Throws: `APIError` 404 for another account than the caller's own.
private func accountID(_ path: PathParameters, of caller: ConvertCaller) throws(APIError) -> Int64 {
    let id = try path.pathID("account_id")
    guard id == caller.accountID else { throw APIError.notFound(ConvertCaller.noAccount(id)) }
    return id
}
