public import Contract
public import ControlStore
public import Gateway
public import Identity
public import Serving
public import Time

/// The serving and tracking part of the Convert interface: `convert-serving.yaml`.
public enum ServingSurface {
    /// SDKs track at `/v1` of their own host, and fetch at `/api/v1`.
    public static func loadContract(prefix: String?) throws(ContractError) -> ContractDocument {
        let tracking: Set<String> = ["sendTrackingEvents", "sendTrackingEventsSdkKey"]
        return try ContractDocument.load(
            "convert-serving",
            mount: Mount(prefix: prefix, aliases: [Mount.Alias(prefix: "/v1", operationIds: tracking)]))
    }

    /// What the interface is made of.
    public struct Capabilities: Sendable {
        let configs: ConfigStore
        let tracking: TrackingController
        let debugTokens: DebugTokenStore
        let keys: SDKKeyRing

        public init(
            configs: ConfigStore, tracker: Tracker, visitors: VisitorStore, keys: SDKKeyRing,
            debugTokens: DebugTokenStore, rejections: IngestionRejections, clock: WallClock
        ) {
            self.configs = configs
            self.keys = keys
            self.debugTokens = debugTokens
            tracking = TrackingController(
                configs: configs, tracker: tracker, visitors: visitors, rejections: rejections, clock: clock)
        }

        /// Stores events of a request whose body names account and project, at an address that is another call's too.
        /// - Returns: nil when the body names none.
        public func storeNamedEvents(_ request: OperationRequest) async throws -> OperationResponse? {
            guard let body = try? await TrackingBody.read(request), body.namesProject else { return nil }
            return try await tracking.trackNamed(request, body)
        }
    }

    public static func make(contract: ContractDocument, _ capabilities: Capabilities) throws -> Surface {
        let configs = capabilities.configs
        var surface = SurfaceBuilder(
            contract: contract, errors: .convert, source: configs,
            accepting: [SDKKeyInAddress(keys: capabilities.keys), StrangerAuthentication()],
            unrecognized: { _ in .notFound("The address names no SDK key.") })
        surface.pages = PageAccess { caller, path in
            if case .sdkKey(let access, _) = caller { return try await configs.origins(ofProject: access.projectID) }
            guard let projectID = try? path.pathID("project_id") else { return .any }
            return try await configs.origins(ofProject: projectID)
        }
        ConfigController(configs: configs, debugTokens: capabilities.debugTokens).addRoutes(to: &surface)
        capabilities.tracking.addRoutes(to: &surface)
        return try surface.build()
    }
}
