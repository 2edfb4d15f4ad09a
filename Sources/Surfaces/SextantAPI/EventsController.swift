import EventStore
import Events
import Gateway
import HTTPTypes
import Identity
import JSON
import Time

/// Many events in one call, `ingestEvents`, what would become of them, `validateEvents`, and the call to compare it with,
/// `measureNothing`.
struct EventsController: Sendable {
    let ingestion: Ingestion
    let clock: WallClock

    private static let limits = OperationLimits(bodyBytes: 10 * 1_024 * 1_024, bodyCheck: .none, recognizesBody: true)
    private static let nothing = OperationResponse.json([UInt8]("{}".utf8), status: .accepted)

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("ingestEvents", allow: .send.fromPages, limits: Self.limits, ingest)
        surface.on("validateEvents", allow: .send.fromPages, limits: Self.limits, validate)
        surface.on("measureNothing", allow: .send) { _, _ in Self.nothing }
    }

    private func ingest(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        guard case .bytes(let body, let mediaType, _) = request.body else {
            throw APIError(.badRequest, "A body is required.")
        }
        let idempotencyKey = try request.idempotencyKey()
        let events: [Result<JSONNode, EventRejection>]
        do {
            events = try await Self.events(of: body, mediaType, request)
        } catch let error as APIError {
            let field = error.fields.first?.name ?? ""
            ingestion.reject(
                EventRejection(.malformed, field: field, error.message), in: key.stream, at: clock.now, text: body,
                keyID: key.keyID)
            throw error
        }
        let batch = try await ingestion.record(
            events, expectedCount: events.count, in: key.stream, surface: .sextant, idempotencyKey: idempotencyKey,
            from: EventSender(keyID: key.keyID, address: request.clientAddress))
        return .json(IngestionAnswer.bytes(of: batch), status: .accepted)
    }

    private func validate(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        guard case .bytes(let body, let mediaType, _) = request.body else {
            throw APIError(.badRequest, "A body is required.")
        }
        let events = try await Self.events(of: body, mediaType, request)
        let checked = ingestion.check(events, in: key.stream, surface: .sextant)
        let checks = checked.checks
        let rejected = checks.count { $0.rejection != nil }
        return .json([
            "valid": .integer(Int64(checks.count - rejected)), "rejected": .integer(Int64(rejected)),
            "with_unknown_fields": .integer(Int64(checked.unknownEventCount)),
            "results": .array(
                checks.map { check in
                    var result: JSONValue = ["status": check.rejection == nil ? "valid" : "rejected"]
                    if let rejection = check.rejection { result["error"] = rejection.json }
                    if !check.unknown.isEmpty { result["unknown_fields"] = check.unknown.json }
                    return result
                }),
        ])
    }

    private static func events(
        of body: [UInt8], _ mediaType: String, _ request: OperationRequest
    ) async throws -> [Result<JSONNode, EventRejection>] {
        let hasLines = mediaType == "application/x-ndjson"
        return try await request.read(body) { try hasLines ? EventList.lines($0) : EventList.array($0) }
    }
}
