import Gateway
import Identity
import JSON
import People
import Text

/// Users and companies that exports leave out when asked to.
struct ExclusionsController: Sendable {
    let exclusions: ExclusionStore

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("listExclusions", allow: .read, list)
        surface.on("addExclusions", allow: .manage, add)
        surface.on("removeExclusions", allow: .manage, remove)
    }

    private func list(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let all = try await exclusions.list(environmentID: key.environmentID)
        func ids(_ kind: ExclusionKind) -> JSONValue {
            .array(all.filter { $0.kind == kind }.map { .string($0.id) })
        }
        return .json(["users": ids(.user), "companies": ids(.company)])
    }

    private func add(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.json
        return try await counts { kind, member in
            try await exclusions.add(kind, ids: Self.ids(body, member), environmentID: key.environmentID)
        }
    }

    private func remove(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.json
        return try await counts { kind, member in
            try await exclusions.remove(kind, ids: Self.ids(body, member), environmentID: key.environmentID)
        }
    }

    private func counts(
        _ change: (_ kind: ExclusionKind, _ member: String) async throws -> Int
    ) async throws -> OperationResponse {
        let users = try await change(.user, "users")
        let companies = try await change(.company, "companies")
        return .json(["users": .integer(Int64(users)), "companies": .integer(Int64(companies))])
    }

    private static func ids(_ body: JSONNode, _ member: String) -> Set<ClientText> {
        Set(body[member]?.elements.compactMap { $0.string.map { ClientText($0) } } ?? [])
    }
}
