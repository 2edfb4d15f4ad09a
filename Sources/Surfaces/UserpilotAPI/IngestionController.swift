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
        surface.on("identifyUser", allow: .send.fromPages, limits: .oneEvent) { key, request in
            try await ingestion.record(.identifyUser, request, key)
        }
        surface.on("identifyCompany", allow: .send.fromPages, limits: .oneEvent) { key, request in
            try await ingestion.record(.identifyCompany, request, key)
        }
        surface.on("validateKey", allow: .send) { _, _ in .json([:]) }
        surface.on("probeUsers", allow: .send) { _, _ in .json([:]) }
    }
}

extension OperationLimits {
    /// For a body that is an event: what its contract turns away is counted, and told with what is misnamed.
    static let oneEvent = OperationLimits(bodyCheck: .none, recognizesBody: true)
}

extension Ingestion {
    private static let accepted = OperationResponse.json([:], status: .accepted)

    /// Takes the body of a request in as one event.
    func record(
        _ type: EventType, _ request: OperationRequest, _ key: EnvironmentKey
    ) async throws -> OperationResponse {
        let event: JSONNode
        do {
            event = try await read(request)
        } catch let error as APIError where error.status == .badRequest {
            // What the contract turns away before it is an event is counted all the same.
            let field = error.fields.first?.name ?? ""
            reject(
                EventRejection(.malformed, field: field, error.message), in: key.stream, text: request.bytes,
                keyID: key.keyID)
            throw error
        }
        _ = try await record(
            type, event, in: key.stream, surface: .userpilot, idempotencyKey: request.idempotencyKey(),
            from: EventSender(keyID: key.keyID, address: request.clientAddress))
        return Self.accepted.telling(unknownNames(in: event))
    }

    private func read(_ request: OperationRequest) async throws -> JSONNode {
        guard case .bytes(let bytes, _, _) = request.body else { throw APIError(.badRequest, "A body is required.") }
        return try await request.read(bytes) { bytes in
            let event = try request.parse(bytes).root
            do throws(APIError) {
                try request.validate(event)
            } catch {
                throw error.telling(unknownNames(in: event))
            }
            return event
        }
    }
}
