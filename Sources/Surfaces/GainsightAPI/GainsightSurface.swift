public import Catalogue
public import Content
public import Contract
public import Cryptography
public import EventStore
public import Events
public import Features
public import Gateway
import HTTPTypes
public import Identity
public import People
public import Time
public import Webhooks

/// The Gainsight PX interface: users, accounts, events and what else `gainsight-px.yaml` has.
public enum GainsightSurface {
    /// What the interface is made of.
    public struct Capabilities: Sendable {
        public var keys: GainsightKeyAuthentication
        /// Recognises Userpilot's tokens, whose clients try them at `GET /v1/users`.
        public var tokens: TokenAuthentication
        /// Takes ``GainsightEvents``.
        public var ingestion: Ingestion
        /// Takes ``SegmentEvents``.
        public var segmentIngestion: Ingestion
        public var people: PeopleStore
        public var lists: ProfileLists
        public var denyList: DenyList
        public var removal: PeopleRemoval
        public var catalogue: CatalogueStore
        public var segments: SegmentStore
        public var content: ContentStore
        public var features: FeatureStore
        public var environments: EnvironmentStore
        public var subscriptions: SubscriptionStore
        public var feed: ProjectionFeed
        public var events: EventStore
        /// Signs scroll ids.
        public var signingKey: SecretKey
        public var clock: WallClock

        public init(
            keys: GainsightKeyAuthentication, tokens: TokenAuthentication, ingestion: Ingestion,
            segmentIngestion: Ingestion, people: PeopleStore, lists: ProfileLists, denyList: DenyList,
            removal: PeopleRemoval,
            catalogue: CatalogueStore, segments: SegmentStore, content: ContentStore, features: FeatureStore,
            environments: EnvironmentStore,
            subscriptions: SubscriptionStore,
            feed: ProjectionFeed, events: EventStore,
            signingKey: SecretKey, clock: WallClock
        ) {
            self.keys = keys
            self.tokens = tokens
            self.ingestion = ingestion
            self.segmentIngestion = segmentIngestion
            self.people = people
            self.lists = lists
            self.denyList = denyList
            self.removal = removal
            self.catalogue = catalogue
            self.segments = segments
            self.content = content
            self.features = features
            self.environments = environments
            self.subscriptions = subscriptions
            self.feed = feed
            self.events = events
            self.signingKey = signingKey
            self.clock = clock
        }
    }

    public static func loadContract() throws(ContractError) -> ContractDocument {
        // What lies beside /v1 is there as well: clients that are made from the contract know one address.
        let beside = Mount.Alias(prefix: "/v1", operationIds: ["listFeaturesExtended", "pushSegmentEvent"])
        return try ContractDocument.load(
            "gainsight-px", mount: Mount(prefix: "/v1", aliases: [beside]))
    }

    public static func make(contract: ContractDocument, _ capabilities: Capabilities) throws -> Surface {
        let ingestion = capabilities.ingestion
        var surface = SurfaceBuilder(
            contract: contract, errors: .gainsight, source: (), accepting: [capabilities.keys, capabilities.tokens],
            unrecognized: { _ in GainsightKeyAuthentication.missing })
        surface.onRefusal = { caller, operation, error in
            // What the contract turns away before it is an event is counted all the same.
            guard operation.tags.contains("Custom Events"), error.status == .badRequest,
                let key = try? caller.environmentKey()
            else { return }
            ingestion.reject(
                EventRejection(.malformed, field: error.fields.first?.name ?? "", error.message), in: key.stream,
                keyID: key.keyID)
        }
        surface.onUnknownNames = { caller, names in
            if let key = try? caller.environmentKey() { ingestion.count(names, in: key.stream) }
        }
        let profiles = Profiles(ingestion: ingestion, people: capabilities.people, feed: capabilities.feed)
        UserController(profiles: profiles, denyList: capabilities.denyList, removal: capabilities.removal)
            .addRoutes(to: &surface)
        PreferencesController(profiles: profiles).addRoutes(to: &surface)
        AccountController(profiles: profiles, removal: capabilities.removal).addRoutes(to: &surface)
        EventController(
            ingestion: ingestion, segmentIngestion: capabilities.segmentIngestion
        ).addRoutes(to: &surface)
        EventListController(
            events: capabilities.events, signingKey: capabilities.signingKey, clock: capabilities.clock
        ).addRoutes(to: &surface)
        SegmentController(segments: capabilities.segments).addRoutes(to: &surface)
        AttributeController(catalogue: capabilities.catalogue, feed: capabilities.feed).addRoutes(to: &surface)
        SubscriptionDetailController(environments: capabilities.environments).addRoutes(to: &surface)
        SubscriptionController(subscriptions: capabilities.subscriptions).addRoutes(to: &surface)
        ProfileListController(
            lists: capabilities.lists, catalogue: capabilities.catalogue, feed: capabilities.feed
        ).addRoutes(to: &surface)
        EngagementController(content: capabilities.content).addRoutes(to: &surface)
        KnowledgeController(content: capabilities.content, environments: capabilities.environments)
            .addRoutes(to: &surface)
        FeatureController(
            features: capabilities.features, events: capabilities.events, feed: capabilities.feed,
            clock: capabilities.clock
        ).addRoutes(to: &surface)
        return try surface.build()
    }
}
