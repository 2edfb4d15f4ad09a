public import Contract
public import Gateway
public import Identity
public import Serving

/// The serving and tracking part of the Convert interface: `convert-serving.yaml`.
public enum ServingSurface {
    /// SDKs track at `/v1` of their own host, and fetch at `/api/v1`.
    public static func loadContract(prefix: String?) throws(ContractError) -> ContractDocument {
        let tracking: Set<String> = ["sendTrackingEvents", "sendTrackingEventsSdkKey"]
        return try ContractDocument.load(
            "convert-serving",
            mount: Mount(prefix: prefix, aliases: [Mount.Alias(prefix: "/v1", operationIds: tracking)]))
    }

    public static func make(
        contract: ContractDocument, configs: ConfigStore, tracker: Tracker, visitors: VisitorStore, keys: SDKKeyRing,
        debugTokens: DebugTokenStore
    ) throws -> Surface {
        var surface = SurfaceBuilder(contract: contract, errors: .convert) { ServingCaller($0) }
        let access = ServingAccess(keys: keys, debugTokens: debugTokens)
        // All of it is made for pages.
        surface.pages = PageAccess(
            isOpen: { _ in true },
            origins: { _, path in
                guard let projectID = try await access.projectID(path) else { return .any }
                return try await configs.origins(ofProject: projectID)
            })
        ConfigController(configs: configs, access: access).addRoutes(to: &surface)
        TrackingController(configs: configs, tracker: tracker, visitors: visitors, access: access)
            .addRoutes(to: &surface)
        return try surface.build()
    }
}
