import EventStore
import Events
import Gateway

/// One event of a user, `trackEvent`. Two vendors' clients send to its address: those without a key send events of
/// experiments, and name account and project in the body.
struct TrackController: Sendable {
    let ingestion: Ingestion
    let namedEvents: @Sendable (OperationRequest) async throws -> OperationResponse?

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("trackEvent", allow: .sendWithOrWithoutKey.fromPages, limits: .oneEvent) { key, request in
            if let key { return try await ingestion.record(.track, request, key) }
            if let answer = try await namedEvents(request) { return answer }
            throw TokenAuthentication.missing
        }
    }
}
