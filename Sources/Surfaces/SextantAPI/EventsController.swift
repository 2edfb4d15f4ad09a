import EventStore
import Events
import Gateway
import HTTPTypes
import Identity
import JSON
import Time

/// Many events in one call, `ingestEvents`, and the call to compare it with, `measureNothing`.
struct EventsController: Sendable {
    let ingestion: Ingestion
    let clock: WallClock

    private static let limits = OperationLimits(bodyBytes: 10 * 1_024 * 1_024, bodyCheck: .none, recognizesBody: true)
    private static let nothing = OperationResponse.json([UInt8]("{}".utf8), status: .accepted)

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("ingestEvents", allow: .send.fromPages, limits: Self.limits, ingest)
        surface.on("measureNothing", allow: .send) { _, _ in Self.nothing }
    }

    private func ingest(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        guard case .bytes(let body, let mediaType, _) = request.body else {
            throw APIError(.badRequest, "A body is required.")
        }
        let idempotencyKey = try request.idempotencyKey()
        let hasLines = mediaType == "application/x-ndjson"
        let events: [Result<JSONNode, EventRejection>]
        do {
            events = try await request.read(body) { try hasLines ? EventList.lines($0) : EventList.array($0) }
        } catch let error as APIError {
            let field = error.fields.first?.name ?? ""
            ingestion.reject(EventRejection(.malformed, field: field, error.message), in: key.stream, at: clock.now)
            throw error
        }
        let results = try await ingestion.record(
            events, expectedCount: events.count, in: key.stream, surface: .sextant, idempotencyKey: idempotencyKey,
            from: request.clientAddress)
        return .json(IngestionAnswer.bytes(of: results), status: .accepted)
    }
}
