import EventStore
import Events
import Gateway
import HTTPTypes
import Identity
import JSON

/// Events that come in: custom events under both names, and what Segment pushes.
struct EventController: Sendable {
    let ingestion: Ingestion
    let segmentIngestion: Ingestion

    private static let limits = OperationLimits(bodyCheck: .syntax, recognizesBody: true, tellsUnknownNames: false)

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("createCustomEvent", allow: .sendToGainsight, limits: Self.limits) { key, request in
            .json(try await record(request, key), status: .created)
        }
        surface.on("sendCustomEvent", allow: .sendToGainsight, limits: Self.limits) { key, request in
            .json(try await record(request, key))
        }
        surface.on("pushSegmentEvent", allow: .sendToGainsight, limits: Self.limits) { key, request in
            _ = try await segmentIngestion.record(
                .track, request.json, in: key.stream, surface: .gainsight, idempotencyKey: request.idempotencyKey(),
                from: EventSender(keyID: key.keyID, address: request.clientAddress))
            return .json([:])
        }
    }

    /// - Returns: what the client sent, with the event's own id; null when it was stored before.
    private func record(_ request: OperationRequest, _ key: EnvironmentKey) async throws -> JSONValue {
        let outcome = try await ingestion.record(
            .track, request.json, in: key.stream, surface: .gainsight, idempotencyKey: request.idempotencyKey(),
            from: EventSender(keyID: key.keyID, address: request.clientAddress))
        var event = try request.members
        if case .accepted(let id) = outcome { event["eventId"] = .string("\(id)") }
        return .object(event)
    }
}
