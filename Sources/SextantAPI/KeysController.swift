import Gateway
import HTTPTypes
import Identity
import JSON
import Time

/// `listKeys`, `createKey` and `revokeKey`, within the environment of the key.
struct KeysController: Sendable {
    let keys: KeyStore

    func addRoutes(to surface: inout SurfaceBuilder<EnvironmentKey>) {
        surface.on("listKeys", list)
        surface.on("createKey", create)
        surface.on("revokeKey", revoke)
    }

    private func list(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        .json(.array(try await valid(for: key).map(Self.json)))
    }

    private func create(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.json
        let allowsExports = body["can_export"]?.bool ?? true
        if allowsExports, !key.allowsExports {
            throw APIError(
                .forbidden, "A key that may not read data out cannot make one that may; send can_export false.",
                fields: [APIError.Field(name: "can_export", message: "must be false")])
        }
        let created = try await keys.createUserpilotKey(
            environmentID: key.environmentID, accountID: key.accountID, label: body["label"]?.string ?? "",
            allowsExports: allowsExports)
        var answer = Self.json(created.key)
        answer["token"] = .string(created.secret)
        return .json(answer, status: .created)
    }

    private func revoke(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let id = try request.pathID("key_id")
        let missing = APIError.notFound("There is no key \(id).")
        guard let revoked = try await valid(for: key).first(where: { $0.id == id }) else { throw missing }
        let mayExport = revoked.scopes.contains(.exports)
        guard !mayExport || key.allowsExports else {
            throw APIError(.forbidden, "A key that may not read data out cannot revoke one that may.")
        }
        guard try await keys.revoke(keyID: id, accountID: key.accountID, leaving: mayExport ? .exporting : nil) else {
            throw missing
        }
        return .noContent
    }

    private func valid(for key: EnvironmentKey) async throws -> [APIKey] {
        try await keys.list(accountID: key.accountID, kind: .userpilotToken)
            .filter { $0.environmentID == key.environmentID && $0.revokedAt == nil }
    }

    private static func json(_ key: APIKey) -> JSONValue {
        [
            "id": .integer(key.id), "label": .string(key.label), "can_export": .bool(key.scopes.contains(.exports)),
            "created_at": .time(key.createdAt),
        ]
    }
}
