import Contract
import ControlStore
import Gateway
import Identity
import JSON
import Time

/// `listSetAside`, `retrySetAside` and `dismissSetAside`: what could not be digested, within the environment of the key
/// and its project.
struct SetAsideController: Sendable {
    let setAside: SetAsideService

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("listSetAside", allow: .read, list)
        surface.on("retrySetAside", allow: .manage, retry)
        surface.on("dismissSetAside", allow: .manage, dismiss)
    }

    private func list(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let page = try PageOfIDs(request)
        let kind = request.query.string("kind").flatMap(SetAsideKind.init(rawValue:))
        let (found, total) = try await setAside.store.list(
            of: Self.owner(key), kind: kind, after: page.after, limit: page.limit + 1)
        return .json(page.json(found.map { ($0.id, Self.json($0)) }, total: total))
    }

    private func retry(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let id = try request.pathID("set_aside_id")
        switch try await setAside.retry(id, of: Self.owner(key)) {
        case nil: throw Self.missing(id)
        case .digested: return .json(["outcome": "done", "reason": nil])
        case .failed(let reason): return .json(["outcome": "failed", "reason": .string(reason)])
        }
    }

    private func dismiss(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let id = try request.pathID("set_aside_id")
        guard try await setAside.store.dismiss(id, of: Self.owner(key)) else { throw Self.missing(id) }
        return .noContent
    }

    private static func owner(_ key: EnvironmentKey) -> SetAsideStore.Owner {
        SetAsideStore.Owner(environmentID: key.environmentID, projectID: key.projectID)
    }

    private static func missing(_ id: Int64) -> APIError {
        .notFound("Nothing with the id \(id) is set aside.")
    }

    private static func json(_ item: SetAsideItem) -> JSONValue {
        [
            "id": .integer(item.id), "kind": .string(item.entry.kind.rawValue), "subject": .string(item.entry.subject),
            "user_id": .text(item.entry.userID), "company_id": .text(item.entry.companyID),
            "reason": .string(item.entry.reason), "attempts": .integer(Int64(item.entry.attempts)),
            "received_at": item.entry.receivedAt.map { .time($0) } ?? .null, "set_aside_at": .time(item.setAsideAt),
            "last_tried_at": .time(item.lastTriedAt),
        ]
    }
}
