public import Automation
public import Catalogue
public import Content
public import Contract
public import ControlStore
public import EventStore
public import Events
public import Exports
public import Features
public import Gateway
import HTTPTypes
public import Identity
public import People
public import Queries
public import Reports
public import Serving
public import Sessions
public import Time
public import Webhooks

/// Sextant's own interface: every operation of `sextant.yaml`.
public enum SextantSurface {
    /// Puts the interface together.
    ///
    /// - Parameters:
    ///   - contract: `sextant.yaml`, loaded.
    ///   - contracts: of all interfaces, by which bodies are validated.
    ///   - keys: recognises callers.
    ///   - logins: those of people.
    ///   - sessions: recognises them.
    ///   - ownPages: that people log in from.
    ///   - ingestion: takes events in.
    ///   - uploads: files of events.
    ///   - rejections: what was not taken in.
    ///   - environments: accounts, projects and their environments.
    ///   - keyStore: makes and revokes keys.
    ///   - keyRing: recognises Convert keys, which may make the first key of a project.
    ///   - segments: the segments.
    ///   - segmentMembers: who is in them.
    ///   - content: in-app content.
    ///   - exclusions: whom exports leave out.
    ///   - people: the profiles.
    ///   - catalogue: what was learned about properties.
    ///   - queries: SQL over the events.
    ///   - configs: what decisions are made by.
    ///   - tracker: records them.
    ///   - visitors: what visitors got before.
    ///   - sdkKeys: recognises programs that decide.
    ///   - reports: what came out of experiments.
    ///   - automation: what follows from it.
    ///   - eventExports: files of the events behind them.
    ///   - webhooks: who is told of events.
    ///   - features: what is followed of an application.
    ///   - featureHistory: looks for it in the past.
    ///   - setAside: what could not be digested.
    ///   - feed: brings profiles and the catalogue up to date.
    ///   - origins: whose pages may read what is answered for a project.
    ///   - answers: large answers, until they have been read.
    ///   - clock: what rejections of whole bodies are dated by.
    /// - Throws: `SurfaceError` when the contract lacks an operation that is served here.
    public static func make(
        contract: ContractDocument, contracts: [ContractDocument], keys: TokenAuthentication, logins: LoginService,
        sessions: SessionStore,
        ownPages: OwnPages, ingestion: Ingestion, uploads: UploadService, rejections: IngestionRejections,
        environments: EnvironmentStore, keyStore: KeyStore, keyRing: KeyRing, segments: SegmentStore,
        segmentMembers: SegmentMembers,
        content: ContentStore, exclusions: ExclusionStore, people: PeopleStore, catalogue: CatalogueStore,
        queries: QueryService, configs: ConfigStore, tracker: Tracker, visitors: VisitorStore, sdkKeys: SDKKeyRing,
        reports: ReportService, automation: ExperienceAutomation, eventExports: ExperimentExportService,
        webhooks: WebhookService, features: FeatureStore, featureHistory: FeatureHistory,
        setAside: SetAsideService, feed: ProjectionFeed,
        origins: @escaping @Sendable (_ projectID: Int64) async throws -> AllowedOrigins, answers: AnswerFiles,
        clock: WallClock
    ) throws -> Surface {
        var surface = SurfaceBuilder(
            contract: contract, errors: .sextant, source: (),
            accepting: [
                SDKKeyInHeader(keys: sdkKeys), SecretAuthentication(keys: keyRing),
                SessionAuthentication(sessions: sessions, pages: ownPages), keys,
            ],
            unrecognized: { _ in needsConvertKey })
        surface.onUnknownNames = { caller, names in
            if case .environmentKey(let key) = caller { ingestion.count(names, in: key.stream) }
        }
        surface.pages = .ofProjects(origins)
        surface.ownPages = ownPages
        EventsController(ingestion: ingestion, clock: clock).addRoutes(to: &surface)
        try ValidationController(contracts: contracts, ingestion: ingestion).addRoutes(to: &surface)
        UploadsController(uploads: uploads).addRoutes(to: &surface)
        RejectionsController(rejections: rejections).addRoutes(to: &surface)
        SetAsideController(setAside: setAside).addRoutes(to: &surface)
        DecisionController(configs: configs, tracker: tracker, visitors: visitors).addRoutes(to: &surface)
        SQLController(queries: queries, answers: answers).addRoutes(to: &surface)
        ReportsController(reports: reports, automation: automation, exports: eventExports).addRoutes(to: &surface)
        EnvironmentsController(environments: environments, keys: keyStore).addRoutes(to: &surface)
        EnvironmentKeysController(keys: keyStore, environments: environments).addRoutes(to: &surface)
        SegmentsController(segments: segments, members: segmentMembers, feed: feed).addRoutes(to: &surface)
        ContentController(content: content).addRoutes(to: &surface)
        ExclusionsController(exclusions: exclusions).addRoutes(to: &surface)
        ProfilesController(people: people, feed: feed).addRoutes(to: &surface)
        PropertiesController(catalogue: catalogue).addRoutes(to: &surface)
        FeaturesController(features: features, feed: feed).addRoutes(to: &surface)
        FeatureHistoryController(features: features, history: featureHistory).addRoutes(to: &surface)
        WebhooksController(webhooks: webhooks, clock: clock).addRoutes(to: &surface)
        BackupCodesController(logins: logins).addRoutes(to: &surface)
        return try surface.build()
    }

    private static let needsConvertKey = APIError(
        .unauthorized,
        """
        This needs a Convert key that may use its secret, as \"Authorization: Bearer APPLICATION_ID:SECRET\"; or, for the \
        own login, the cookie of a session.
        """,
        headers: [.wwwAuthenticate: "Bearer"])
}
