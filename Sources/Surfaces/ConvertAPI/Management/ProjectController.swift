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
    let store: ProjectStore
    let debugTokens: DebugTokenStore

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("getProjectsList", allow: .may(.view(.project), in: .projects)) { caller, request in
            .page(
                try await projects.list(
                    accountID: caller.accountID, projectIDs: caller.projectIDs, ListRequest(request.bodyMembers),
                    options(request, caller.accesses)))
        }
        surface.on("getProject", allow: .may(.view(.project), in: .project)) { scope, request in
            return .json(try await projects.get(scope.project, options(request, scope.accesses)))
        }
        surface.on("createProject", allow: .may(.add(.project), in: .account)) { caller, request in
            let added = try await projects.add(
                request.bodyMembers, accountID: caller.accountID, author: caller.author,
                options(request, caller.accesses))
            return .json(added, status: .created)
        }
        surface.on("updateProject", allow: .may(.edit(.project), in: .project)) { scope, request in
            let updated = try await projects.update(scope, request.bodyMembers, options(request, scope.accesses))
            // The contract says 201 here.
            return .json(updated, status: .created)
        }
        surface.on("deleteProject", allow: .may(.delete(.project), in: .projectOfAccount)) { scope, _ in
            try await projects.delete(scope)
            return .success("The project \(scope.project.id) is deleted; its data follows within minutes.")
        }
        surface.on("bulkUpdateProjects", allow: .may(.edit(.project), in: .projects), bulkUpdate)
        surface.on("generateDebugToken", allow: .may(.view(.experience), in: .project)) { scope, _ in
            let token = try await debugTokens.create(scope.project)
            return .json(["data": ["value": .string(token.value), "ttl": .integer(token.expiresAt.seconds)]])
        }
    }

    private func bulkUpdate(_ caller: ConvertCaller, _ request: OperationRequest) async throws -> OperationResponse {
        var body = try request.bodyMembers
        let ids = body["id"]?.array?.compactMap(\.int64) ?? []
        body["id"] = nil
        var scopes: [ResourceScope] = []
        var failures: [BulkFailure] = []
        for id in ids {
            if let role = caller.accesses.role(inProject: id), role.may(.edit(.project)),
                let project = try await store.project(id, accountID: caller.accountID)
            {
                scopes.append(ResourceScope(project: project, author: caller.author, role: role))
            } else {
                failures.append(BulkFailure(id: id, message: "There is no project \(id), or not for this key."))
            }
        }
        failures += try await projects.update(scopes, body)
        return .bulk(failures, of: ids.count)
    }

    /// `include` and `expand` stand in the query of some calls, in the body of others.
    private func options(
        _ request: OperationRequest, _ accesses: Accesses
    ) throws(APIError) -> ProjectService.Options {
        let body = try request.bodyMembers
        func names(_ member: String) throws(APIError) -> Set<String> {
            let inBody = Set(body[member]?.array?.compactMap(\.string) ?? [])
            return inBody.union(try request.names(member))
        }
        return ProjectService.Options(
            include: try names("include"), expand: try names("expand"), baseURL: request.baseURL, accesses: accesses)
    }
}

extension ResourceScope {
    /// What the caller may do in the project.
    fileprivate var accesses: Accesses { Accesses(everywhere: nil, projects: [project.id: role]) }
}
