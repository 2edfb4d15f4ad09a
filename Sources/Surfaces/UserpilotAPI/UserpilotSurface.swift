public import Catalogue
public import Content
public import Contract
public import EventStore
public import Events
public import Exports
public import Gateway
import HTTPTypes
import Identity
public import People
public import Time

/// The Userpilot interface: every operation of `userpilot.yaml`.
public enum UserpilotSurface {
    /// What the interface is made of.
    public struct Capabilities: Sendable {
        public var keys: TokenAuthentication
        public var ingestion: Ingestion
        public var uploads: UploadService
        public var deletions: DeletionService
        public var exports: ExportService
        public var catalogue: CatalogueStore
        public var segments: SegmentStore
        public var content: ContentStore
        public var feed: ProjectionFeed
        public var clock: WallClock
        /// Whose pages may read what is answered for a project.
        public var origins: @Sendable (_ projectID: Int64) async throws -> AllowedOrigins
        /// Answers what experiments send to the address of `trackEvent`, without a key; nil for anything else.
        public var namedEvents: @Sendable (OperationRequest) async throws -> OperationResponse?

        public init(
            keys: TokenAuthentication, ingestion: Ingestion, uploads: UploadService, deletions: DeletionService,
            exports: ExportService, catalogue: CatalogueStore, segments: SegmentStore, content: ContentStore,
            feed: ProjectionFeed, clock: WallClock,
            origins: @escaping @Sendable (_ projectID: Int64) async throws -> AllowedOrigins,
            namedEvents: @escaping @Sendable (OperationRequest) async throws -> OperationResponse?
        ) {
            self.keys = keys
            self.ingestion = ingestion
            self.uploads = uploads
            self.deletions = deletions
            self.exports = exports
            self.catalogue = catalogue
            self.segments = segments
            self.content = content
            self.feed = feed
            self.clock = clock
            self.origins = origins
            self.namedEvents = namedEvents
        }
    }

    /// Every path is served under `/v1` and `/api/v1`: the vendor's two hosts become one.
    public static func loadContract() throws(ContractError) -> ContractDocument {
        let ingestionPaths: Set<String> = [
            "identifyUser", "trackEvent", "identifyCompany", "bulkIdentifyUsers", "bulkIdentifyCompanies",
            "importEvents",
            "listBackgroundJobs", "getBackgroundJob", "deleteUsers", "probeUsers", "deleteCompanies", "validateKey",
        ]
        return try ContractDocument.load(
            "userpilot", mount: Mount(prefix: "", aliases: [Mount.Alias(prefix: "/api", operationIds: ingestionPaths)]))
    }

    public static func make(contract: ContractDocument, _ capabilities: Capabilities) throws -> Surface {
        let keys = capabilities.keys
        let ingestion = capabilities.ingestion
        var surface = SurfaceBuilder(contract: contract, errors: .userpilot) { try keys.authenticate($0) }
        surface.shareKey = { String($0.keyID) }
        surface.permission = permission
        surface.pages = EnvironmentRights.pages(
            ["identifyUser", "identifyCompany", "trackEvent"], origins: capabilities.origins)
        surface.onRefusal = { key, operation, error in
            // What the contract turns away before it is an event is counted all the same.
            guard operation.tags.contains("Ingestion"), error.status == .badRequest else { return }
            ingestion.reject(
                EventRejection(.malformed, field: error.fields.first?.name ?? "", error.message), in: key.stream)
        }
        IngestionController(ingestion: ingestion).addRoutes(to: &surface)
        TrackController(ingestion: ingestion, keys: keys, namedEvents: capabilities.namedEvents)
            .addRoutes(to: &surface)
        UploadController(uploads: capabilities.uploads, ingestion: ingestion, clock: capabilities.clock).addRoutes(
            to: &surface)
        DeletionController(deletions: capabilities.deletions).addRoutes(to: &surface)
        ExportController(exports: capabilities.exports, segments: capabilities.segments).addRoutes(to: &surface)
        LookupController(
            catalogue: capabilities.catalogue, segments: capabilities.segments, content: capabilities.content,
            feed: capabilities.feed
        ).addRoutes(to: &surface)
        return try surface.build()
    }

    /// As everywhere, but exports and their lookups answer 401 where a right is missing, as the vendor does.
    private static func permission(
        for operation: ContractOperation
    ) -> (@Sendable (EnvironmentKey) throws -> Void)? {
        guard EnvironmentRights.needed(for: operation) == .read else {
            return EnvironmentRights.permission(for: operation)
        }
        return { key in
            guard !key.allowsExports else { return }
            let detail =
                "Your current plan for application \(key.appToken) does not support the feature you are trying to access: the key lacks the right to read (it was made with can_export false)."
            throw APIError(
                .unauthorized, "You are not authorized to perform the requested action.",
                fields: [APIError.Field(name: "", message: detail)])
        }
    }
}
