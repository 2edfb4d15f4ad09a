public import Hummingbird
import JSON
public import Telemetry

/// `/health` (the process answers, and nothing in it is beyond repair), `/ready` (it can do all of its work), `/metrics`
/// (Prometheus text).
public struct StatusPages: Page {
    private let registry: PrometheusRegistry
    private let readiness: Readiness
    private let failure: @Sendable () -> String?

    /// - Parameter failure: why the process cannot mend itself and should be started anew; nil while it can.
    public init(
        registry: PrometheusRegistry, readiness: Readiness, failure: @escaping @Sendable () -> String? = { nil }
    ) {
        self.registry = registry
        self.readiness = readiness
        self.failure = failure
    }

    public var label: String { "page.status" }

    public func serves(_ path: String) -> Bool {
        path == "/health" || path == "/ready" || path == "/metrics"
    }

    public func respond(to request: Request) async -> OperationResponse {
        switch request.uri.path {
        case "/health":
            if let reason = failure() {
                return .json(["status": "failed", "reason": .string(reason)], status: .serviceUnavailable)
            }
            return .json(Self.body("ok", await readiness.waiting()))
        case "/ready":
            let waiting = await readiness.waiting()
            if waiting.isEmpty { return .json(Self.body("ready", [])) }
            return .json(Self.body("unavailable", waiting), status: .serviceUnavailable)
        default:
            return OperationResponse(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .bytes(Array(registry.exposition().utf8)))
        }
    }

    private static func body(_ status: String, _ waiting: [(name: String, reason: String)]) -> JSONValue {
        guard let first = waiting.first else { return ["status": .string(status)] }
        return [
            "status": .string(status), "reason": .string(first.reason),
            "waiting_for": .array(waiting.map { ["name": .string($0.name), "reason": .string($0.reason)] }),
        ]
    }
}
