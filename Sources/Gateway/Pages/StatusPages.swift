public import Hummingbird
import JSON
public import Telemetry

/// `/health` (the process answers), `/ready` (it can store events), `/metrics` (Prometheus text).
public struct StatusPages: Page {
    private let registry: PrometheusRegistry
    private let unready: @Sendable () async -> String?

    /// - Parameter unready: why the server cannot do its work at present; nil when it can.
    public init(registry: PrometheusRegistry, unready: @escaping @Sendable () async -> String?) {
        self.registry = registry
        self.unready = unready
    }

    public func serves(_ path: String) -> Bool {
        path == "/health" || path == "/ready" || path == "/metrics"
    }

    public func respond(to request: Request) async -> OperationResponse {
        switch request.uri.path {
        case "/health": return .json(["status": "ok"])
        case "/ready":
            guard let reason = await unready() else { return .json(["status": "ready"]) }
            return .json(["status": "unavailable", "reason": .string(reason)], status: .serviceUnavailable)
        default:
            return OperationResponse(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .bytes(Array(registry.exposition().utf8)))
        }
    }
}
