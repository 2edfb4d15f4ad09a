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
            "userpilot",
            mount: Mount(
                prefix: "", aliases: [Mount.Alias(prefix: "/api", operationIds: ingestionPaths)],
                // Under /v1 Gainsight PX lists users there; it lets Userpilot's tokens probe.
                moved: ["probeUsers"]))
    }

    public static func make(contract: ContractDocument, _ capabilities: Capabilities) throws -> Surface {
        let ingestion = capabilities.ingestion
        var surface = SurfaceBuilder(
            contract: contract, errors: .userpilot, source: (),
            accepting: [StrangerAuthentication(withoutAuthorization: true), capabilities.keys],
            unrecognized: { _ in TokenAuthentication.missing })
        surface.pages = .ofProjects(capabilities.origins)
        surface.onRefusal = { caller, operation, error in
            // What the contract turns away before it is an event is counted all the same.
            guard operation.tags.contains("Ingestion"), error.status == .badRequest,
                case .environmentKey(let key) = caller
            else { return }
            ingestion.reject(
                EventRejection(.malformed, field: error.fields.first?.name ?? "", error.message), in: key.stream,
                keyID: key.keyID)
        }
        surface.onUnknownNames = { caller, names in
            if case .environmentKey(let key) = caller { ingestion.count(names, in: key.stream) }
        }
        IngestionController(ingestion: ingestion).addRoutes(to: &surface)
        TrackController(ingestion: ingestion, namedEvents: capabilities.namedEvents).addRoutes(to: &surface)
        UploadController(
            uploads: capabilities.uploads, deletions: capabilities.deletions, ingestion: ingestion,
            clock: capabilities.clock
        ).addRoutes(
            to: &surface)
        DeletionController(deletions: capabilities.deletions).addRoutes(to: &surface)
        ExportController(exports: capabilities.exports, segments: capabilities.segments).addRoutes(to: &surface)
        LookupController(
            catalogue: capabilities.catalogue, segments: capabilities.segments, content: capabilities.content,
            feed: capabilities.feed
        ).addRoutes(to: &surface)
        return try surface.build()
    }
}
