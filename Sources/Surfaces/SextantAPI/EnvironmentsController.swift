import Gateway
import HTTPTypes
import Identity
import JSON
import Time

/// `listEnvironments` and `createEnvironment`, within the project of the key.
struct EnvironmentsController: Sendable {
    let environments: EnvironmentStore
    let keys: KeyStore

    private static let firstKeyLabel = "first key"

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("listEnvironments", allow: .read, list)
        surface.on("createEnvironment", allow: .manage, create)
    }

    private func list(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let list = try await environments.environments(projectID: key.projectID, accountID: key.accountID)
        return .json(.array(list.map(Self.json)))
    }

    private func create(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let name = try request.json["name"]?.string ?? ""
        let environment = try await environments.createEnvironment(
            name: name, projectID: key.projectID, accountID: key.accountID)
        let first = try await keys.createEnvironmentKey(
            environmentID: environment.id, accountID: key.accountID, label: Self.firstKeyLabel)
        var answer = Self.json(environment)
        answer["token"] = .string(first.secret)
        return .json(answer, status: .created)
    }

    private static func json(_ environment: ProjectEnvironment) -> JSONValue {
        [
            "id": .integer(environment.id), "name": .string(environment.name),
            "app_token": .string(environment.appToken), "created_at": .time(environment.createdAt),
        ]
    }
}
