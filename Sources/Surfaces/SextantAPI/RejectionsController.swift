import Contract
import ControlStore
import Gateway
import Identity
import JSON
import Time

/// `listRejections` and `listRejectionSamples`: what was not stored, and why.
struct RejectionsController: Sendable {
    let rejections: IngestionRejections

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("listRejections", allow: .read, list)
        surface.on("listRejectionSamples", allow: .read, samples)
    }

    private func samples(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        try await rejections.flush()
        let found = try await rejections.samples(
            environmentID: key.environmentID, reason: request.query.string("reason"),
            limit: Int(request.query.integer("limit") ?? Self.samplesUnlessAsked))
        return .json(.array(found.map { Self.json($0.reason, $0.sample) }))
    }

    private static func json(_ reason: String, _ sample: RejectionSample) -> JSONValue {
        let event = sample.event.map { String(decoding: $0, as: UTF8.self) }
        return [
            "reason": .string(reason), "at": .time(sample.at), "key_id": sample.keyID.map { .integer($0) } ?? .null,
            "field": .string(sample.field), "message": .string(sample.message), "event": .text(event),
            "event_bytes": sample.eventByteCount.map { .integer(Int64($0)) } ?? .null,
        ]
    }

    private static let samplesUnlessAsked: Int64 = 50

    private func list(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        // What was counted in the last second counts, too.
        try await rejections.flush()
        let counts = try await rejections.list(environmentID: key.environmentID)
        return .json(
            .array(
                counts.map { count in
                    [
                        "reason": .string(count.reason), "day": .string(count.day), "count": .integer(count.count),
                        "last_at": .time(count.lastAt), "last_detail": .text(count.lastDetail),
                    ]
                }))
    }
}
