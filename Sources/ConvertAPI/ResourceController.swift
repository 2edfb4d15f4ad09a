import Experiments
import Gateway
import HTTPTypes
import JSON

/// The operations that every kind of resource has.
struct ResourceController: Sendable {
    let routes: ResourceRoutes
    let resources: ResourceService
    let access: ProjectAccess

    private var description: ResourceDescription { routes.description }

    func addRoutes(to surface: inout SurfaceBuilder<ConvertCaller>) {
        surface.on(routes.list, list)
        surface.on(routes.get) { caller, request in
            try await get(caller, request, .id(request.pathID(routes.idParameter)))
        }
        if let (operation, parameter) = routes.getByKey {
            surface.on(operation) { caller, request in try await get(caller, request, .key(request.path(parameter))) }
        }
        surface.on(routes.add, add)
        // Bodies may leave out what tells the variants of a kind apart, so they are checked once that is known.
        if let operation = routes.update {
            surface.on(operation, limits: OperationLimits(bodyCheck: .syntax), update)
        }
        surface.on(routes.delete, delete)
        if let operation = routes.clone { surface.on(operation, clone) }
        if let operation = routes.bulkUpdate { surface.on(operation, bulkUpdate) }
        surface.on(routes.bulkDelete, bulkDelete)
    }

    private func list(_ caller: ConvertCaller, _ request: OperationRequest) async throws -> OperationResponse {
        let scope = try await access.scope(caller, request)
        return .page(try await resources.list(description, ListRequest(request.bodyMembers), scope))
    }

    private func get(
        _ caller: ConvertCaller, _ request: OperationRequest, _ name: ResourceName
    ) async throws -> OperationResponse {
        let scope = try await access.scope(caller, request)
        return .json(
            try await resources.get(
                description, name, include: request.names("include"), expand: request.names("expand"), scope))
    }

    private func add(_ caller: ConvertCaller, _ request: OperationRequest) async throws -> OperationResponse {
        let scope = try await access.editingScope(caller, request)
        let added = try await resources.add(
            description, request.bodyMembers, expand: request.names("expand"), scope)
        return .json(added, status: .created)
    }

    private func update(_ caller: ConvertCaller, _ request: OperationRequest) async throws -> OperationResponse {
        let scope = try await access.editingScope(caller, request)
        let id = try request.pathID(routes.idParameter)
        try await validate(request, id, scope)
        return .json(
            try await resources.update(
                description, id, request.bodyMembers, expand: request.names("expand"), scope))
    }

    private func validate(_ request: OperationRequest, _ id: Int64, _ scope: ResourceScope) async throws {
        var body = JSONValue.object(try request.bodyMembers)
        if let discriminator = description.discriminator, body[discriminator] == nil {
            let old = try await resources.get(description, .id(id), include: [], expand: [], scope)
            body[discriminator] = old[discriminator]
        }
        try request.validate(JSONDocument(parsing: body.encoded()).root)
    }

    private func delete(_ caller: ConvertCaller, _ request: OperationRequest) async throws -> OperationResponse {
        let scope = try await access.editingScope(caller, request)
        let id = try request.pathID(routes.idParameter)
        try await resources.delete(description, id, scope)
        return .success("The \(description.kind.noun) \(id) is deleted.")
    }

    private func clone(_ caller: ConvertCaller, _ request: OperationRequest) async throws -> OperationResponse {
        let scope = try await access.editingScope(caller, request)
        let copy = try await resources.clone(
            description, request.pathID(routes.idParameter), include: request.names("include"), scope)
        return .json(copy, status: .created)
    }

    private func bulkUpdate(_ caller: ConvertCaller, _ request: OperationRequest) async throws -> OperationResponse {
        let scope = try await access.editingScope(caller, request)
        var body = try request.bodyMembers
        let ids = body["id"]?.array?.compactMap(\.int64) ?? []
        body["id"] = nil
        return .bulk(try await resources.update(description, ids, body, scope), of: ids.count)
    }

    private func bulkDelete(_ caller: ConvertCaller, _ request: OperationRequest) async throws -> OperationResponse {
        let scope = try await access.editingScope(caller, request)
        let ids = try request.bodyMembers["id"]?.array?.compactMap(\.int64) ?? []
        return .bulk(try await resources.delete(description, ids, scope), of: ids.count)
    }
}
