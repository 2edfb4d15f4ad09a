public import Collaborators
public import Gateway
import HTTPTypes
import Identity
import JSON
import Projects
import Resources

/// The people of an account: `getAccountUsersAccessesList`, `addAccountUserAccesses`, `updateAccountUserAccesses`,
/// `deleteAccountUserAccesses`, `acceptInvitation`, `checkPartner`.
struct CollaboratorController: Sendable {
    let collaborators: CollaboratorService
    let history: ChangeHistory
    let projects: ProjectService
    let store: ProjectStore

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("getAccountUsersAccessesList", allow: .may(.viewCollaborators, in: .account)) { caller, request in
            let all = try await collaborators.list(accountID: caller.accountID)
            let shown = try await shownProjects(of: all, Array(request.names("expand")), caller, request)
            return .json(["data": .array(all.map { $0.json(projects: shown) })])
        }
        surface.on("addAccountUserAccesses", allow: .may(.changeCollaborators, in: .account), add)
        surface.on("updateAccountUserAccesses", allow: .may(.changeCollaborators, in: .account), update)
        surface.on("deleteAccountUserAccesses", allow: .may(.changeCollaborators, in: .account), delete)
        surface.on("acceptInvitation", allow: .anybodyFromOwnPages, limits: Self.limits, accept)
        // A server of one's own has no partners.
        surface.on("checkPartner", allow: .may(.viewCollaborators, in: .ownAccount)) { _, request in
            let email = try request.bodyMembers["email"] ?? .string("")
            return .json(["email": email, "allowed": false, "alreadyGranted": false])
        }
    }

    /// A hash is not long.
    private static let limits = OperationLimits(bodyBytes: 64 * 1_024)

    private func add(_ caller: ConvertCaller, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.bodyMembers
        let invitee = Invitee(
            email: body["email"]?.string ?? "", firstName: body["first_name"]?.string ?? "",
            lastName: body["last_name"]?.string ?? "", accesses: try CollaboratorBody.accesses(body),
            message: body["custom_message"]?.string)
        let added = try await collaborators.invite(
            invitee, accountID: caller.accountID, by: caller.editor, noting: note(caller.author))
        return try await answer(added, caller, request, status: .created)
    }

    private func update(_ caller: ConvertCaller, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.bodyMembers
        let accesses = body["accesses"] == nil ? nil : try CollaboratorBody.accesses(body)
        if let accesses, accesses.greatest == nil {
            throw APIError.invalid("accesses", "accesses must not be empty; delete the collaborator instead.")
        }
        let updated = try await collaborators.update(
            CollaboratorBody.name(body),
            CollaboratorService.Change(
                accesses: accesses, firstName: body["first_name"]?.string, lastName: body["last_name"]?.string),
            accountID: caller.accountID, by: caller.editor, noting: note(caller.author))
        return try await answer(updated, caller, request)
    }

    private func delete(_ caller: ConvertCaller, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.bodyMembers
        try await collaborators.remove(
            CollaboratorBody.name(body), CollaboratorBody.removal(body), accountID: caller.accountID,
            by: caller.editor, noting: note(caller.author))
        return .success("The access is taken away.")
    }

    private func accept(_: Void, _ request: OperationRequest) async throws -> OperationResponse {
        guard let hash = try request.bodyMembers["hash"]?.string, !hash.isEmpty else {
            throw APIError.invalid("hash", "hash is required: it is in the mail that invites.")
        }
        let isNew = try await collaborators.accept(hash, noting: note(nil, requestID: request.requestID))
        return .success(
            isNew
                ? "The invitation is accepted. A password for the first login was mailed."
                : "The invitation is accepted. Log in as ever.")
    }

    private func answer(
        _ collaborator: Collaborator, _ caller: ConvertCaller, _ request: OperationRequest,
        status: HTTPResponse.Status = .ok
    ) async throws -> OperationResponse {
        let expand = try request.bodyMembers["expand"]?.array?.compactMap(\.string) ?? []
        let shown = try await shownProjects(of: [collaborator], expand, caller, request)
        return .json(["data": collaborator.json(projects: shown)], status: status)
    }

    /// The projects that answers hold in full, by id.
    private func shownProjects(
        of collaborators: [Collaborator], _ expand: [String], _ caller: ConvertCaller, _ request: OperationRequest
    ) async throws -> [Int64: JSONValue] {
        guard expand.contains("accesses.project") else { return [:] }
        let options = ProjectService.Options(include: [], expand: [], baseURL: request.baseURL)
        var shown: [Int64: JSONValue] = [:]
        for id in Set(collaborators.flatMap(\.accesses.projects.keys)) {
            // One that goes meanwhile is shown by its id.
            guard let project = try await store.project(id, accountID: caller.accountID) else { continue }
            shown[id] = try? await projects.get(project, options)
        }
        return shown
    }

    /// - Parameter author: nil for the collaborator.
    private func note(_ author: ChangeAuthor?, requestID: String? = nil) -> CollaboratorNote {
        CollaboratorNote { [history] accountID, old, new, database in
            guard let subject = new ?? old else { return }
            let isAccepted = old.map { $0.userID == nil } ?? false && new?.userID != nil
            try history.record(
                isAccepted ? "accept" : old == nil ? "create" : new == nil ? "delete" : "update", "collaborator",
                id: subject.number, accountID: accountID,
                by: author ?? ChangeAuthor(name: subject.email, method: .app, requestID: requestID),
                old: old?.noted, new: new?.noted, in: database)
        }
    }
}

extension ConvertCaller {
    /// As collaborators are changed by.
    fileprivate var editor: CollaboratorEditor {
        CollaboratorEditor(userID: userID, accesses: accesses, name: author.name)
    }
}

extension CollaboratorError: APIErrorConvertible {
    public var apiError: APIError {
        switch self {
        case .forbidden(let message): return APIError(.forbidden, message)
        case .invalid(let field, let message): return APIError.invalid(field, message)
        case .conflict(let message): return .conflict(message)
        case .noInvitation:
            return .notFound("The invitation was accepted or taken back, or has expired. Ask for another.")
        case .tooManyInvitations(let seconds):
            return APIError(
                .tooManyRequests, "The account has sent 200 invitations within a day. Try again in \(seconds) seconds.",
                headers: [.retryAfter: "\(seconds)"])
        }
    }
}
