import EventStore
import Events
import Gateway
import HTTPTypes
import Identity
import JSON

/// Live ingestion: `identifyUser`, `identifyCompany`, and the credential probes.
struct IngestionController: Sendable {
    let ingestion: Ingestion

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("identifyUser", allow: .send.fromPages, limits: .events) { key, request in
            try await record(.identifyUser, request, key)
        }
        surface.on("identifyCompany", allow: .send.fromPages, limits: .events) { key, request in
            try await record(.identifyCompany, request, key)
        }
        surface.on("validateKey", allow: .send) { _, _ in .json([:]) }
        surface.on("probeUsers", allow: .send) { _, _ in .json([:]) }
    }

    private static let accepted = OperationResponse.json([:], status: .accepted)

    private func record(
        _ type: EventType, _ request: OperationRequest, _ key: EnvironmentKey
    ) async throws -> OperationResponse {
        _ = try await ingestion.record(
            type, request.json, in: key.stream, surface: .userpilot, idempotencyKey: request.idempotencyKey(),
            from: request.clientAddress)
        return Self.accepted
    }
}
