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
        let access: ServingAccess

        public init(
            configs: ConfigStore, tracker: Tracker, visitors: VisitorStore, keys: SDKKeyRing,
            debugTokens: DebugTokenStore, rejections: IngestionRejections, clock: WallClock
        ) {
            self.configs = configs
            access = ServingAccess(keys: keys, debugTokens: debugTokens)
            tracking = TrackingController(
                configs: configs, tracker: tracker, visitors: visitors, access: access, rejections: rejections,
                clock: clock)
        }

        /// Stores events of a request whose body names account and project, at an address that is another call's too.
        /// - Returns: nil when the body names none.
        public func storeNamedEvents(_ request: OperationRequest) async throws -> OperationResponse? {
            guard let body = try? await TrackingBody.read(request), body.namesProject else { return nil }
            return try await tracking.trackNamed(ServingCaller(request.headers), request, body)
        }
    }

    public static func make(contract: ContractDocument, _ capabilities: Capabilities) throws -> Surface {
        let (configs, access) = (capabilities.configs, capabilities.access)
        var surface = SurfaceBuilder(contract: contract, errors: .convert) { ServingCaller($0) }
        // All of it is made for pages.
        surface.pages = PageAccess(
            isOpen: { _ in true },
            origins: { _, path in
                guard let projectID = try await access.projectID(path) else { return .any }
                return try await configs.origins(ofProject: projectID)
            })
        ConfigController(configs: configs, access: access).addRoutes(to: &surface)
        capabilities.tracking.addRoutes(to: &surface)
        return try surface.build()
    }
}
