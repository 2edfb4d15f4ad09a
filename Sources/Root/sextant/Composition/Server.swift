import Billing
import BlobStore
import Catalogue
import Collaborators
import Content
import Contract
import ControlStore
import ConvertAPI
import CoreMetrics
import Demo
import EventStore
import Events
import Experiences
import Exports
import Foundation
import GainsightAPI
import Gateway
import Hummingbird
import Identity
import Jobs
import Logging
import Mailer
import People
import Projects
import Queries
import Resources
import ServiceLifecycle
import Serving
import Sessions
import SextantAPI
import Telemetry
import TextGeneration
import Time
import UserpilotAPI
import WebFetch
import Webhooks

/// The composition root: the only place that knows every room, and how they are joined.
struct Server {
    let surfaces: [Surface]
    /// Contracts that nothing serves yet.
    let unserved: [ContractDocument]
    let responder: GatewayResponder
    /// In the order they start; they stop the other way round.
    let services: [any Service]
    /// Told to stop before the server stops listening.
    let queries: QueryService

    /// Opens the stores, brings the projections up to date, and joins everything.
    static func make(
        _ settings: Settings, folder: DataFolder, contracts: Contracts, registry: PrometheusRegistry,
        readiness: Readiness, logger: Logger
    ) async throws -> Server {
        let clock = WallClock.system
        let stores = try await Stores(settings, folder, clock: clock, readiness: readiness, logger: logger)
        let work = BackgroundWork(stores, settings, folder, clock: clock, logger: logger)
        let surfaces = try makeSurfaces(contracts, stores, work, settings, folder, clock: clock)
        var pages: [any Page] = [
            StatusPages(registry: registry, readiness: readiness) { [events = stores.events] in events.failure },
            ImagePage(images: stores.images),
            ContractPages(surfaces: surfaces, unserved: contracts.unserved),
        ]
        if let local = stores.blobs as? LocalBlobStore { pages.append(BlobPage(blobs: local, clock: clock)) }
        let responder = try GatewayResponder(
            surfaces: surfaces, unserved: contracts.unserved, pages: pages, configuration: settings.gateway,
            logger: logger)
        let watch = ServerWatch(stores, work, folder, clock: clock, logger: logger)
        watch.serve(registry, stores, work)
        registry.read { [MetricReading("sextant_http_memory_bytes", responder.heldBytes)] }
        return Server(
            surfaces: surfaces, unserved: contracts.unserved, responder: responder,
            services: stores.services + work.services + [watch], queries: stores.queries)
    }

    private static func makeSurfaces(
        _ contracts: Contracts, _ stores: Stores, _ work: BackgroundWork, _ settings: Settings, _ folder: DataFolder,
        clock: WallClock
    ) throws -> [Surface] {
        let authentication = TokenAuthentication(keys: stores.keys)
        func ingestion(_ form: any EventForm) -> Ingestion {
            Ingestion(
                writer: stores.writer, clock: clock, rejections: stores.rejections, form: stores.live(form),
                calls: stores.calls)
        }
        let userpilotIngestion = ingestion(UserpilotEvents())
        let segments = SegmentStore(store: stores.control, clock: clock)
        let content = ContentStore(store: stores.control, clock: clock)
        let catalogue = CatalogueStore(store: stores.control)
        let environments = EnvironmentStore(
            store: stores.control, masterKey: stores.masterKey, clock: clock, limits: stores.plans)
        let origins: @Sendable (Int64) async throws -> AllowedOrigins = { [configs = stores.configs] in
            try await configs.origins(ofProject: $0)
        }
        let visitors = VisitorStore(store: stores.control)
        let experiments = ServingSurface.Capabilities(
            configs: stores.configs, tracker: work.tracker, visitors: visitors, keys: stores.sdkKeys,
            debugTokens: DebugTokenStore(store: stores.control, clock: clock), rejections: stores.rejections,
            clock: clock)
        let userpilot = try UserpilotSurface.make(
            contract: contracts.userpilot,
            UserpilotSurface.Capabilities(
                keys: authentication, ingestion: userpilotIngestion,
                uploads: work.uploads,
                deletions: work.deletions, exports: work.exports, catalogue: catalogue, segments: segments,
                content: content, feed: stores.feed, clock: clock, origins: origins,
                namedEvents: { try await experiments.storeNamedEvents($0) }))
        let ownPages = OwnPages(origins: settings.appOrigins)
        let sessions = SessionStore(store: stores.control, clock: clock)
        let logins = LoginService(
            store: stores.control, sessions: sessions, masterKey: stores.masterKey, mails: work.loginLetters,
            clock: clock)
        let answers = AnswerFiles(folder: folder.workPath)
        let sextant = try SextantSurface.make(
            contract: contracts.sextant, contracts: contracts.served, keys: authentication, logins: logins,
            sessions: sessions, ownPages: ownPages,
            ingestion: userpilotIngestion, uploads: work.uploads, rejections: stores.rejections,
            environments: environments,
            keyStore: KeyStore(store: stores.control, masterKey: stores.masterKey, keyRing: stores.keys, clock: clock),
            keyRing: stores.keys, segments: segments, segmentMembers: work.segmentMembers, content: content,
            exclusions: ExclusionStore(store: stores.control, clock: clock), people: PeopleStore(store: stores.control),
            catalogue: catalogue, queries: stores.queries,
            configs: stores.configs, tracker: work.tracker, visitors: visitors, sdkKeys: stores.sdkKeys,
            reports: work.reports, automation: work.automation, eventExports: work.eventExports,
            webhooks: work.webhooks, features: work.features, featureHistory: work.featureHistory,
            setAside: SetAsideService(stores, work),
            feed: stores.feed, origins: origins, answers: answers,
            clock: clock)
        let convert = try ConvertSurface.make(
            contract: contracts.convert, pages: ownPages,
            ConvertSurface.Capabilities(
                authenticators: [
                    SignatureAuthentication(keys: stores.keys, masterKey: stores.masterKey, clock: clock),
                    SecretAuthentication(keys: stores.keys, challenge: SignatureAuthentication.challenge),
                ],
                logins: logins,
                sessions: sessions,
                collaborators: CollaboratorService(
                    store: stores.control, mails: work.invitationLetters, clock: clock),
                isSecure: settings.tlsCertificate != nil || settings.publicURL?.hasPrefix("https://") ?? false,
                accounts: AccountService(store: stores.control, clock: clock, plans: stores.plans),
                subAccounts: SubAccountService(
                    store: stores.control, mails: work.invitationLetters, clock: clock, plans: stores.plans),
                projects: ProjectStore(store: stores.control),
                projectService: work.projects,
                demos: DemoProjects(jobs: stores.jobs, resources: work.resources, clock: clock),
                resources: work.resources,
                experiences: work.experiences,
                texts: TextGenerator(settings.textGeneration),
                payments: PaymentService(store: stores.control, settings.payments, bookings: work.bookings),
                billingPlans: settings.billingPlans,
                addons: AddonRequests(work.letters, recipient: settings.operatorEmail),
                codeCheck: CodeCheck(
                    resources: work.resources, fetcher: WebFetcher(networks: settings.fetchNetworks)),
                images: stores.images, screenshots: stores.screenshots, chromium: work.chromium,
                history: ChangeHistory(store: stores.control, clock: clock),
                liveData: LiveData(store: stores.control, events: stores.events, projects: work.projects),
                reports: work.reports, reportFiles: work.reportFiles, eventExports: work.eventExports,
                reportRemoval: work.reportRemoval,
                keys: ConvertKeyStore(
                    store: stores.control, masterKey: stores.masterKey, keyRing: stores.keys, clock: clock),
                sdkKeys: SDKKeyStore(store: stores.control, masterKey: stores.masterKey, clock: clock),
                debugTokens: DebugTokenStore(store: stores.control, clock: clock),
                reportTokens: ReportTokenStore(store: stores.control, masterKey: stores.masterKey, clock: clock),
                answers: answers))
        let serving = try ServingSurface.make(contract: contracts.serving, experiments)
        let gainsight = try GainsightSurface.make(
            contract: contracts.gainsight,
            GainsightSurface.Capabilities(
                keys: GainsightKeyAuthentication(keys: stores.keys),
                tokens: TokenAuthentication(keys: stores.keys, isLast: false),
                ingestion: ingestion(GainsightEvents()), segmentIngestion: ingestion(SegmentEvents()),
                people: PeopleStore(store: stores.control), lists: stores.profileLists, denyList: stores.denyList,
                removal: work.peopleRemoval,
                catalogue: catalogue, segments: segments, content: content, features: work.features,
                environments: environments, subscriptions: work.webhooks.subscriptions, feed: stores.feed,
                events: stores.events,
                signingKey: stores.masterKey.subkey(label: "scroll ids"), clock: clock))
        return [userpilot, convert, serving, sextant, gainsight]
    }
}
