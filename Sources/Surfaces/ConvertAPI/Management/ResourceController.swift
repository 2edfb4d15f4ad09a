import Gateway
import HTTPTypes
import Identity
import JSON
import Resources

/// The operations that every kind of resource has.
struct ResourceController: Sendable {
    let routes: ResourceRoutes
    let resources: ResourceService

    private var description: ResourceDescription { routes.description }

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on(routes.list, allow: .may(.view(routes.kept), in: .project), list)
        if let operation = routes.get {
            surface.on(operation, allow: .may(.view(routes.kept), in: .project)) { scope, request in
                try await get(scope, request, .id(request.pathID(routes.idParameter)))
            }
        }
        if let (operation, parameter) = routes.getByKey {
            surface.on(operation, allow: .may(.view(routes.kept), in: .project)) { scope, request in
                try await get(scope, request, .key(request.path(parameter)))
            }
        }
        surface.on(routes.add, allow: .may(.add(routes.kept), in: .project), add)
        // What a body leaves out stays as it is: checked is what the resource would be.
        if let operation = routes.update {
            surface.on(
                operation, allow: .may(.edit(routes.kept), in: .project),
                limits: OperationLimits(bodyCheck: routes.checksWhole ? .syntax : .contract), update)
        }
        if let operation = routes.updateStatus {
            surface.on(
                operation, allow: .may(.edit(routes.kept), in: .project), limits: OperationLimits(bodyCheck: .syntax),
                updateStatus)
        }
        surface.on(routes.delete, allow: .may(.delete(routes.kept), in: .project), delete)
        if let operation = routes.clone { surface.on(operation, allow: .may(.clone(routes.kept), in: .project), clone) }
        if let operation = routes.bulkUpdate {
            surface.on(operation, allow: .may(.edit(routes.kept), in: .project), bulkUpdate)
        }
        surface.on(routes.bulkDelete, allow: .may(.delete(routes.kept), in: .project), bulkDelete)
    }

    private func list(_ scope: ResourceScope, _ request: OperationRequest) async throws -> OperationResponse {
        return .page(try await resources.list(description, ListRequest(request.bodyMembers), scope))
    }

    private func get(
        _ scope: ResourceScope, _ request: OperationRequest, _ name: ResourceName
    ) async throws -> OperationResponse {
        return .json(
            try await resources.get(
                description, name, include: request.names("include"), expand: request.names("expand"), scope))
    }

    private func add(_ scope: ResourceScope, _ request: OperationRequest) async throws -> OperationResponse {
        let added = try await resources.add(
            description, request.bodyMembers, expand: request.names("expand"), scope)
        return .json(added, status: .created)
    }

    private func update(_ scope: ResourceScope, _ request: OperationRequest) async throws -> OperationResponse {
        let id = try request.pathID(routes.idParameter)
        return .json(
            try await resources.update(
                description, id, request.bodyMembers, expand: request.names("expand"), scope
            ) { whole in
                guard routes.checksWhole else { return }
                try request.validate(JSONDocument(parsing: JSONValue.object(whole).encoded()).root)
            })
    }

    private func updateStatus(_ scope: ResourceScope, _ request: OperationRequest) async throws -> OperationResponse {
        try request.validate(request.json)
        guard let status = try request.bodyMembers["status"] else {
            throw APIError.invalid("status", "status is required.")
        }
        return .json(
            try await resources.update(
                description, request.pathID(routes.idParameter), JSONObject([("status", status)]),
                expand: request.names("expand"), scope))
    }

    private func delete(_ scope: ResourceScope, _ request: OperationRequest) async throws -> OperationResponse {
        let id = try request.pathID(routes.idParameter)
        let deleted = try await resources.delete(description, id, scope)
        let message = "The \(description.kind.noun) \(id) is deleted."
        // Where the contract's answer is the resource, it comes along with what all other deletions answer.
        guard routes.deletionShowsResource, var answer = deleted.object else { return .success(message) }
        answer["code"] = 200
        answer["message"] = .string(message)
        return .json(.object(answer))
    }

    private func clone(_ scope: ResourceScope, _ request: OperationRequest) async throws -> OperationResponse {
        let copy = try await resources.clone(
            description, request.pathID(routes.idParameter), include: request.names("include"), scope)
        return .json(copy, status: .created)
    }

    private func bulkUpdate(_ scope: ResourceScope, _ request: OperationRequest) async throws -> OperationResponse {
        var body = try request.bodyMembers
        let ids = body["id"]?.array?.compactMap(\.int64) ?? []
        body["id"] = nil
        return .bulk(try await resources.update(description, ids, body, scope), of: ids.count)
    }

    private func bulkDelete(_ scope: ResourceScope, _ request: OperationRequest) async throws -> OperationResponse {
        guard let ids = try request.bodyMembers["id"]?.array?.compactMap(\.int64) else {
            throw APIError.invalid("id", "id is required: the ids of what is to be deleted.")
        }
        return .bulk(try await resources.delete(description, ids, scope), of: ids.count)
    }
}
