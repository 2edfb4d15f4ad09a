import Gateway
import HTTPTypes
import Identity
import JSON
import Projects
import Resources
import Time

/// Projects: `getProjectsList`, `getProject`, `createProject`, `updateProject`, `deleteProject`,
/// `bulkUpdateProjects`, `generateDebugToken`.
struct ProjectController: Sendable {
    let projects: ProjectService
    let debugTokens: DebugTokenStore
    let access: ProjectAccess

    func addRoutes(to surface: inout SurfaceBuilder<ConvertCaller>) {
        surface.on("getProjectsList") { caller, request in
            let accountID = try caller.accountID(request)
            return .page(
                try await projects.list(
                    accountID: accountID, projectIDs: caller.key.projectIDs, ListRequest(request.bodyMembers),
                    options(request)))
        }
        surface.on("getProject") { caller, request in
            let scope = try await access.scope(caller, request)
            return .json(try await projects.get(scope.project, options(request)))
        }
        surface.on("createProject") { caller, request in
            let accountID = try caller.accountID(request)
            try caller.requireAccountManagement()
            let added = try await projects.add(
                request.bodyMembers, accountID: accountID, author: caller.author(request), options(request))
            return .json(added, status: .created)
        }
        surface.on("updateProject") { caller, request in
            let scope = try await access.editingScope(caller, request)
            let updated = try await projects.update(scope, request.bodyMembers, options(request))
            // The contract says 201 here.
            return .json(updated, status: .created)
        }
        surface.on("deleteProject") { caller, request in
            let scope = try await access.scope(caller, request)
            try caller.requireAccountManagement()
            try await projects.delete(scope)
            return .success("The project \(scope.project.id) is deleted; its data follows within minutes.")
        }
        surface.on("bulkUpdateProjects", bulkUpdate)
        surface.on("generateDebugToken") { caller, request in
            let scope = try await access.scope(caller, request)
            let token = try await debugTokens.create(scope.project)
            return .json(["data": ["value": .string(token.value), "ttl": .integer(token.expiresAt.seconds)]])
        }
    }

    private func bulkUpdate(_ caller: ConvertCaller, _ request: OperationRequest) async throws -> OperationResponse {
        let accountID = try caller.accountID(request)
        try caller.requireEditing()
        var body = try request.bodyMembers
        let ids = body["id"]?.array?.compactMap(\.int64) ?? []
        body["id"] = nil
        var scopes: [ResourceScope] = []
        var failures: [BulkFailure] = []
        for id in ids {
            if let scope = try await access.scope(caller, request, accountID: accountID, projectID: id) {
                scopes.append(scope)
            } else {
                failures.append(BulkFailure(id: id, message: "There is no project \(id), or not for this key."))
            }
        }
        failures += try await projects.update(scopes, body)
        return .bulk(failures, of: ids.count)
    }

    /// `include` and `expand` stand in the query of some calls, in the body of others.
    private func options(_ request: OperationRequest) throws(APIError) -> ProjectService.Options {
        let body = try request.bodyMembers
        func names(_ member: String) throws(APIError) -> Set<String> {
            let inBody = Set(body[member]?.array?.compactMap(\.string) ?? [])
            return inBody.union(try request.names(member))
        }
        return ProjectService.Options(
            include: try names("include"), expand: try names("expand"), baseURL: request.baseURL)
    }
}
