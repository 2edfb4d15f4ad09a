import EventStore
import Events
import Gateway
import HTTPTypes
import Identity
import JSON

/// One event of a user, `trackEvent`. Two vendors' clients send to its address: those without a key send events of
/// experiments, and name account and project in the body.
struct TrackController: Sendable {
    let ingestion: Ingestion
    let namedEvents: @Sendable (OperationRequest) async throws -> OperationResponse?

    private static let limits = OperationLimits(bodyCheck: .none, recognizesBody: true)
    private static let accepted = OperationResponse.json([:], status: .accepted)

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("trackEvent", allow: .sendWithOrWithoutKey.fromPages, limits: Self.limits) { key, request in
            if let key { return try await record(key, request) }
            if let answer = try await namedEvents(request) { return answer }
            throw TokenAuthentication.missing
        }
    }

    private func record(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let event: JSONNode
        do {
            event = try await read(request)
        } catch let error as APIError where error.status == .badRequest {
            // What the contract turns away before it is an event is counted all the same.
            let field = error.fields.first?.name ?? ""
            ingestion.reject(EventRejection(.malformed, field: field, error.message), in: key.stream)
            throw error
        }
        _ = try await ingestion.record(
            .track, event, in: key.stream, surface: .userpilot, idempotencyKey: request.idempotencyKey(),
            from: request.clientAddress)
        return Self.accepted
    }

    private func read(_ request: OperationRequest) async throws -> JSONNode {
        guard case .bytes(let bytes, _, _) = request.body else { throw APIError(.badRequest, "A body is required.") }
        return try await request.read(bytes) { bytes in
            let event = try request.parse(bytes).root
            try request.validate(event)
            return event
        }
    }
}
