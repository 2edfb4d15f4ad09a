import Gateway
import HTTPTypes
import Identity
import JSON
import Time

/// `listKeys`, `createKey` and `revokeKey`, within the environment of the key; `createProjectKey` for any environment that
/// a Convert key may manage.
struct EnvironmentKeysController: Sendable {
    let keys: KeyStore
    let environments: EnvironmentStore

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("listKeys", allow: .manage, list)
        surface.on("createKey", allow: .manage, create)
        surface.on("revokeKey", allow: .manage, revoke)
        surface.on("createProjectKey", allow: .manageProject, createForProject)
    }

    private func createForProject(_ scope: ProjectOfAccount, _ request: OperationRequest) async throws
        -> OperationResponse
    {
        let known = try await environments.environments(
            projectID: scope.projectID, accountID: scope.accountID)
        guard !known.isEmpty else {
            throw APIError.notFound("There is no project \(scope.projectID) in this account.")
        }
        let body = try request.json
        let name = body["environment"]?.string
        guard let environment = known.first(where: { name == nil ? $0.isDefault : $0.name == name }) else {
            throw APIError.invalid(
                "environment", "environment: the project has \(known.map(\.name).joined(separator: ", ")).")
        }
        return try await create(body, environmentID: environment.id, accountID: scope.accountID)
    }

    private func create(
        _ body: JSONNode, environmentID: Int64, accountID: Int64
    ) async throws -> OperationResponse {
        let kind = Self.kinds.first { body["kind"]?.isString($0.name) ?? false }?.kind ?? .userpilotToken
        let created = try await keys.createEnvironmentKey(
            kind, environmentID: environmentID, accountID: accountID, label: body["label"]?.string ?? "",
            allowsExports: body["can_export"]?.bool ?? true)
        var answer = Self.json(created.key)
        answer["token"] = .string(created.secret)
        return .json(answer, status: .created)
    }

    private func list(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        .json(.array(try await valid(for: key).map(Self.json)))
    }

    private func create(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.json
        return try await create(body, environmentID: key.environmentID, accountID: key.accountID)
    }

    private func revoke(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let id = try request.pathID("key_id")
        let missing = APIError.notFound("There is no key \(id).")
        guard let revoked = try await valid(for: key).first(where: { $0.id == id }) else { throw missing }
        // Whoever manages keys has one of the first kind.
        let mayExport = revoked.kind == .userpilotToken && revoked.scopes.contains(.exports)
        guard try await keys.revoke(keyID: id, accountID: key.accountID, leaving: mayExport ? .exporting : nil) else {
            throw missing
        }
        return .noContent
    }

    private func valid(for key: EnvironmentKey) async throws -> [APIKey] {
        try await keys.list(accountID: key.accountID).filter { listed in
            listed.environmentID == key.environmentID && listed.revokedAt == nil
                && Self.kinds.contains { $0.kind == listed.kind }
        }
    }

    private static let kinds: [(name: StaticString, kind: APIKeyKind)] = [
        ("userpilot", .userpilotToken), ("gainsight_px", .gainsightKey),
    ]

    private static func json(_ key: APIKey) -> JSONValue {
        [
            "id": .integer(key.id), "label": .string(key.label), "can_export": .bool(key.scopes.contains(.exports)),
            "kind": .string(kinds.first { $0.kind == key.kind }?.name.description ?? key.kind.rawValue),
            "created_at": .time(key.createdAt),
        ]
    }
}
