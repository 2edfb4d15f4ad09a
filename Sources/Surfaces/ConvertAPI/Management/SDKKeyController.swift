import Gateway
import HTTPTypes
import Identity
import JSON
import Resources
import Text

/// The keys of SDKs: `getSdkKeysList`, `createSdkKey`, `updateSdkKey`, `deleteSdkKey`.
struct SDKKeyController: Sendable {
    let keys: SDKKeyStore
    let history: ChangeHistory

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("getSdkKeysList", allow: .may(.view(.project), in: .project)) { scope, request in
            return .json(["data": .array(try await keys.list(scope.project).map { show($0, secret: nil) })])
        }
        surface.on("createSdkKey", allow: .may(.edit(.project), in: .project), create)
        surface.on("updateSdkKey", allow: .may(.edit(.project), in: .project), update)
        surface.on("deleteSdkKey", allow: .may(.edit(.project), in: .project), delete)
    }

    private func create(_ scope: ResourceScope, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.bodyMembers
        let name = try Self.name(body) ?? ""
        let created = try await Self.namingFields {
            try await keys.create(
                scope.project, label: name, environment: body["environment"]?.string ?? "",
                hasSecret: body["has_secret"]?.bool ?? true, isEnabled: body["status"]?.string != "disabled",
                isDefault: body["selected_default"]?.bool ?? false, noting: history.sdkKeyChange(scope))
        }
        return .json(show(created.key, secret: created.secret), status: .created)
    }

    private func update(_ scope: ResourceScope, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.bodyMembers
        let identifier = try request.path("sdk_key")
        let changes = SDKKeyChanges(
            label: try Self.name(body), environment: body["environment"]?.string,
            isEnabled: body["status"]?.string.map { $0 == "enabled" }, isDefault: body["selected_default"]?.bool)
        let changed = try await Self.namingFields {
            try await keys.update(identifier, changes, scope.project, noting: history.sdkKeyChange(scope))
        }
        guard let changed else { throw Self.notFound(identifier) }
        return .json(show(changed, secret: nil))
    }

    private func delete(_ scope: ResourceScope, _ request: OperationRequest) async throws -> OperationResponse {
        let identifier = try request.path("sdk_key")
        guard try await keys.delete(identifier, scope.project, noting: history.sdkKeyChange(scope)) else {
            throw Self.notFound(identifier)
        }
        return .success("The SDK key \(identifier) is deleted.")
    }

    private static func notFound(_ identifier: String) -> APIError {
        .notFound("There is no SDK key \(identifier.prefix(64)) in this project.")
    }

    /// Nil when the body has none.
    private static func name(_ body: JSONObject) throws(APIError) -> String? {
        guard let name = body["name"]?.string else { return nil }
        guard name.contains(where: { !$0.isWhitespace }) else {
            throw APIError.invalid("name", "name must not be empty.")
        }
        return name
    }

    private static func namingFields<Result: Sendable>(
        _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch IdentityError.notFound(.environment, let name) {
            throw APIError.invalid("environment", "environment: this project has no environment \(name).")
        }
    }

    private func show(_ key: SDKKey, secret: String?) -> JSONValue {
        [
            "name": .string(key.label), "sdk_key": .string(key.identifier),
            "sdk_secret": (secret ?? key.secretHint).map { .string($0) } ?? .null,
            "environment": .string(key.environment), "status": .string(key.isEnabled ? "enabled" : "disabled"),
            "selected_default": .bool(key.isDefault),
        ]
    }
}
