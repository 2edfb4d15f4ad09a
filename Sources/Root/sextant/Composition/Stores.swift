import Billing
import BlobStore
import Catalogue
import ControlStore
import Cryptography
import EventMirror
import EventStore
import Events
import Experiences
import Exports
import Features
import Foundation
import Gateway
import Identity
import Images
import Jobs
import LocationDatabase
import Logging
import Mailer
import People
import Projections
import Projects
import Queries
import Resources
import Schema
import ServiceLifecycle
import Serving
import Time

/// What is kept, and the services that keep it up to date.
struct Stores {
    let control: ControlStore
    let events: EventStore
    let mirror: EventMirror
    let queries: QueryService
    let tables: TableReader
    let masterKey: MasterKey
    let keys: KeyRing
    let sdkKeys: SDKKeyRing
    let jobs: JobStore
    let rejections: IngestionRejections
    let denyList: DenyList
    let features: FeatureMatcher
    let calls = CallsUnderWay()
    let configs: ConfigStore
    let setAside: SetAsideStore
    let projections: [any StoredProjection]
    let feed: ProjectionFeed
    let companies: UserCompanies
    let writer: EventWriter
    let blobs: any BlobStore
    let images: ImageStore
    let screenshots: ScreenshotStore
    let mailer: any Mailer
    /// What accounts may use.
    let plans: AccountPlans
    let profileLists: ProfileLists
    /// Nil where the operator supplies none.
    let locations: LocationDatabases?

    /// Opens everything. What is asked of `readiness` meanwhile says how far that is.
    init(_ settings: Settings, _ folder: DataFolder, clock: WallClock, readiness: Readiness, logger: Logger)
        async throws
    {
        locations = try Self.makeLocations(settings, folder, logger)
        control = try ControlStore(path: folder.controlPath, migrations: ControlSchema.migrations)
        masterKey = try await folder.masterKey(
            for: control, acceptsLoss: settings.acceptedLosses.contains(.secrets), logger: logger)
        keys = try await KeyRing(store: control)
        sdkKeys = SDKKeyRing(store: control)
        let announcements = ExportAnnouncements { try ExperienceActs.environment(of: $0, projectID: $1, in: $2) }
        jobs = JobStore(store: control, clock: clock, endings: announcements.endings)
        rejections = IngestionRejections(store: control, clock: clock)
        denyList = try await DenyList(store: control, clock: clock)
        features = try await FeatureMatcher(store: control)
        events = try await folder.openEventLog(settings, knownTo: control, readiness: readiness, logger: logger)
        mirror = try EventMirror(store: events, folder: folder.mirrorPath, logger: logger)
        queries = try Self.makeQueries(mirror, settings, folder, logger)
        tables = try TableReader(
            workFolder: folder.tablesPath, program: .this(QueryProcess.name), limits: Self.queryLimits(settings),
            logger: logger)
        plans = AccountPlans(
            OfferedPlans(settings.billingPlans.shown, standard: settings.billingPlans.standard),
            usage: TestedUsageStore())
        configs = Self.makeConfigs(control, plans, clock)
        setAside = SetAsideStore(store: control, clock: clock)
        projections = [
            PeopleProjection(store: control, rejections: rejections),
            CatalogueProjection(store: control, rejections: rejections),
            FeatureProjection(store: control),
            GoalProjection(store: control) { [configs] in try await configs.project($0) },
        ]
        feed = ProjectionFeed(projections: projections, log: events, logger: logger)
        companies = UserCompanies(known: try ProfileCompanies(store: control))
        let shown = try await PeopleProjection(store: control, rejections: rejections).position()
        // What the profiles do not show yet.
        try await events.companyMoves(after: shown) { [companies] in
            companies.put($0, environmentID: $1, into: $2, by: $3)
        }
        try await DeletionService.resume(jobs, companies: companies)
        writer = try EventWriter(store: events, feed: feed, companies: companies, clock: clock, logger: logger)
        blobs = try await Self.makeBlobStore(settings, folder, masterKey, logger)
        let pictures = PictureFiles(blobs: blobs, workingDirectory: folder.workPath)
        images = ImageStore(store: control, files: pictures, clock: clock)
        screenshots = ScreenshotStore(store: control, jobs: jobs, files: pictures, clock: clock)
        mailer = try Self.makeMailer(settings, folder)
        profileLists = try ProfileLists(
            store: control, folder: folder.listsPath, signingKey: masterKey.subkey(label: "profile lists"),
            clock: clock, logger: logger)
        readiness.wait(for: "projections") { [feed] in feed.progress }
        readiness.wait(for: DataFolder.eventStoreName) { [events, writer] in events.unavailability ?? writer.failure }
    }

    /// The feed outlives the writer, the counts outlive both: a service stops before those listed ahead of it.
    var services: [any Service] {
        [
            BackgroundService { [rejections] in await rejections.run() },
            BackgroundService { [feed] in await feed.run() },
            BackgroundService { [events] in await events.maintain() },
            WriterService(writer: writer),
            BackgroundService { [writer] in await writer.watch() },
        ] + (locations.map { [Self.refreshing($0)] } ?? [])
    }

    private static func refreshing(_ locations: LocationDatabases) -> BackgroundService {
        BackgroundService {
            while (try? await Task.sleep(for: .seconds(5))) != nil { locations.refresh() }
        }
    }

    /// A form of events, of which those of denied users are refused.
    func guarded(_ form: any EventForm) -> GuardedForm { GuardedForm(form, denied: denyList) }

    /// The same for events that arrive as they happen, which are also uses of features, and come from somewhere.
    func live(_ form: any EventForm) -> FeatureForm {
        let located: any EventForm = locations.map { LocatedForm(form, databases: $0) } ?? form
        return FeatureForm(guarded(located), features: features, rejections: rejections)
    }

    private static func makeLocations(
        _ settings: Settings, _ folder: DataFolder, _ logger: Logger
    ) throws -> LocationDatabases? {
        guard let path = settings.locationDatabase else { return nil }
        do throws(LocationDatabaseError) {
            return try LocationDatabases(path: path, folder: folder.workPath, logger: logger)
        } catch {
            throw SettingsError.refused(
                "\(KnownSettings.locationDatabase.help.name): \(path) is no database of locations: \(error)")
        }
    }

    private static func makeQueries(
        _ mirror: EventMirror, _ settings: Settings, _ folder: DataFolder, _ logger: Logger
    ) throws -> QueryService {
        try QueryService(
            mirror: mirror, mirrorFolder: folder.mirrorPath, workFolder: folder.queriesPath,
            program: .this(QueryProcess.name), limits: queryLimits(settings), logger: logger)
    }

    private static func queryLimits(_ settings: Settings) -> QueryLimits {
        var limits = QueryLimits()
        limits.engineBytes = Int(settings.memoryLimit.bytes / 2)
        limits.threads = settings.threads
        return limits
    }

    private static func makeConfigs(
        _ control: ControlStore, _ plans: AccountPlans, _ clock: WallClock
    ) -> ConfigStore {
        let projects = ServedProjects(
            store: control, clock: clock, descriptions: ResourceDescription.all, plans: plans)
        return ConfigStore(
            source: WatchedProjects(projects: projects, watch: TableWatch(control, tables: ["projects"])),
            defects: ConfigDefects(store: control, clock: clock), clock: clock)
    }

    private static func makeBlobStore(
        _ settings: Settings, _ folder: DataFolder, _ masterKey: MasterKey, _ logger: Logger
    ) async throws -> any BlobStore {
        guard let address = settings.blobURL else {
            let key = masterKey.subkey(label: "blob links").withUnsafeBytes { Array($0) }
            return try LocalBlobStore(directory: folder.blobsPath, publicBaseURL: "/blobs", signingKey: key)
        }
        let bucket = S3BlobStore(
            configuration: try S3Configuration(address: address, environment: ProcessInfo.processInfo.environment))
        do {
            try await bucket.checkAccess()
        } catch {
            // Events are taken in all the same; exports will say why they fail.
            logger.error("the bucket for exports is out of reach", metadata: ["reason": "\(error)"])
        }
        return bucket
    }

    private static let defaultSender = "sextant@localhost.localdomain"

    /// The address of a mail server, with the sender that mail has where it names none.
    static func withSender(_ url: String) -> String {
        let hasSender = url.contains("?from=") || url.contains("&from=")
        return hasSender ? url : "\(url)\(url.contains("?") ? "&" : "?")from=\(defaultSender)"
    }

    private static func makeMailer(_ settings: Settings, _ folder: DataFolder) throws -> any Mailer {
        if let url = settings.smtpURL {
            return try SMTPMailer(url: withSender(url))
        }
        return try FolderMailer(
            directory: folder.mailPath,
            sender: Mailbox(name: "Sextant", address: EmailAddress(defaultSender)))
    }
}

/// A loop that ends when its task is cancelled, finishing what it has begun.
struct BackgroundService: Service {
    private let loop: @Sendable () async -> Void

    init(_ loop: @escaping @Sendable () async -> Void) {
        self.loop = loop
    }

    /// Does something again and again. What fails is logged and done again; what a stop cuts off has not failed.
    init<Result>(
        every pause: Duration, or warning: Logger.Message, _ logger: Logger,
        _ work: @escaping @Sendable () async throws -> Result
    ) {
        loop = {
            while !Task.isCancelled {
                do {
                    _ = try await work()
                } catch {
                    if Task.isCancelled { return }
                    logger.warning(warning, metadata: ["reason": "\(error)"])
                }
                try? await Task.sleep(for: pause)
            }
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { await loop() }
    }
}

/// Lets the writer commit what is queued before the process ends.
struct WriterService: Service {
    let writer: EventWriter

    func run() async throws {
        try? await gracefulShutdown()
        await writer.stop()
    }
}
