import Gateway
import HTTPTypes
import Identity
import Resources

/// Decides which project a request may work in.
struct ProjectAccess: Sendable {
    let projects: ProjectStore

    /// The project of the request's address.
    /// - Throws: `APIError` 404 when the key's account has no such project, 403 when the key may not use it.
    func scope(_ caller: ConvertCaller, _ request: OperationRequest) async throws -> ResourceScope {
        let accountID = try caller.accountID(request)
        let id = try request.pathID("project_id")
        guard let project = try await projects.project(id, accountID: accountID) else {
            throw APIError.notFound("There is no project \(id) in this account.")
        }
        if let allowed = caller.key.projectIDs, !allowed.contains(id) {
            throw APIError(.forbidden, "This API key may not use the project \(id).")
        }
        return ResourceScope(project: project, author: caller.author(request))
    }

    /// The same for a request that changes something.
    /// - Throws: `APIError` 403 when the key may only look.
    func editingScope(_ caller: ConvertCaller, _ request: OperationRequest) async throws -> ResourceScope {
        let scope = try await scope(caller, request)
        try caller.requireEditing()
        return scope
    }

    /// One of the projects that a bulk request names; nil when the key may not use it, or there is none.
    func scope(
        _ caller: ConvertCaller, _ request: OperationRequest, accountID: Int64, projectID: Int64
    ) async throws -> ResourceScope? {
        if let allowed = caller.key.projectIDs, !allowed.contains(projectID) { return nil }
        return try await projects.project(projectID, accountID: accountID)
            .map { ResourceScope(project: $0, author: caller.author(request)) }
    }
}
