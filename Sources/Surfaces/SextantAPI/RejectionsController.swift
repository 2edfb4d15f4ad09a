import ControlStore
import Gateway
import Identity
import JSON
import Time

/// `listRejections`: what was not stored, and why.
struct RejectionsController: Sendable {
    let rejections: IngestionRejections

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("listRejections", allow: .read, list)
    }

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
