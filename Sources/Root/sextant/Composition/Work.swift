import Browser
import Catalogue
import ControlStore
import EventMirror
import EventStore
import Events
import Experiences
import Exports
import Foundation
import Identity
import Images
import Jobs
import Logging
import People
import Projects
import Queries
import Resources
import ServiceLifecycle
import Serving
import Text
import Time

/// What is done in the background: jobs of all kinds, and clearing away what has expired.
struct Work {
    let deletions: DeletionService
    let uploads: UploadService
    let exports: ExportService
    let segmentMembers: SegmentMembers
    let projects: ProjectService
    let tracker: Tracker
    let resources: ResourceService
    let experiences: ExperienceService
    let chromium: Chromium
    let lifecycle: ExperienceLifecycle
    let services: [any Service]

    init(_ stores: Stores, _ settings: Settings, _ folder: DataFolder, clock: WallClock, logger: Logger) {
        let deletions = DeletionService(
            jobs: stores.jobs, store: stores.events, companies: stores.companies, clock: clock)
        let uploads = UploadService(jobs: stores.jobs, directory: folder.uploadsPath, clock: clock)
        let exports = ExportService(jobs: stores.jobs, blobs: stores.blobs, clock: clock)
        let people = PeopleStore(store: stores.control)
        let segments = SegmentStore(store: stores.control, clock: clock)
        let exclusions = ExclusionStore(store: stores.control, clock: clock)
        let members = SegmentMembers(store: stores.control) { [events = stores.events] condition, environmentID in
            try await events.eventCounts(
                environmentID: environmentID, name: condition.eventName?.string, type: condition.eventType?.name,
                since: condition.withinDays.map { clock.now.adding(seconds: -Int64($0) * 86_400) })
        }
        let audience = ExportAudience(
            settle: { [feed = stores.feed] environmentID in
                try await feed.catchUp()
                try await deletions.waitUntilNoneIsPending(environmentID: environmentID)
            },
            segmentMembers: { segmentID, environmentID in
                guard let segment = try await segments.segment(segmentID, environmentID: environmentID) else {
                    return nil
                }
                return try await members.members(of: segment, environmentID: environmentID)
            },
            excluded: { environmentID in
                let list = try await exclusions.list(environmentID: environmentID)
                let companies = list.filter { $0.kind == .company }.map(\.id)
                // Most events of a company's people do not name it.
                let members = try await people.userIDs(ofCompanies: companies, environmentID: environmentID)
                return (list.filter { $0.kind == .user }.map(\.id) + members, companies)
            })
        let publicURL =
            settings.publicURL
            ?? "\(settings.tlsCertificate == nil ? "http" : "https")://\(settings.host):\(settings.port)"
        let export = ExportJobHandler(
            store: stores.events, blobs: stores.blobs, audience: audience,
            notices: ExportNotices(jobs: stores.jobs, publicURL: publicURL), workingDirectory: folder.workPath,
            clock: clock)
        let upload = UploadJobHandler(
            store: stores.events, writer: stores.writer, feed: stores.feed, rejections: stores.rejections,
            parquet: Self.parquet(stores.tables), clock: clock)
        let erasure = ErasureService(jobs: stores.jobs, clock: clock)
        let tracker = Tracker(store: stores.control, events: stores.events, clock: clock, logger: logger) {
            [configs = stores.configs] in try await configs.project($0)?.tracked
        }
        self.tracker = tracker
        let visitors = VisitorStore(store: stores.control)
        let deletion = DeletionJobHandler(
            store: stores.events, feed: stores.feed, companies: stores.companies, erasure: erasure,
            removers: DeletionJobHandler.Removers(
                visitors: { users, environmentID, end in
                    if users.isEmpty { return [] }
                    try await visitors.removeReachedGoals(of: users, environmentID: environmentID, upTo: end)
                    try await tracker.settle()
                    return try await visitors.joined(to: users, environmentID: environmentID)
                },
                copies: { [mirror = stores.mirror] in try await mirror.reconcile(environmentID: $0) },
                visitorData: { try await visitors.delete(users: $0, environmentID: $1, upTo: $2) },
                profiles: { subject, ids, environmentID, later in
                    switch subject {
                    case .users: try await people.delete(users: ids, environmentID: environmentID, keeping: later)
                    case .companies:
                        try await people.delete(companies: ids, environmentID: environmentID, keeping: later)
                    }
                },
                setAside: { [setAside = stores.setAside] subject, ids, environmentID, end in
                    switch subject {
                    case .users: try await setAside.delete(users: ids, environmentID: environmentID, upTo: end)
                    case .companies: try await setAside.delete(companies: ids, environmentID: environmentID, upTo: end)
                    }
                }))
        let traffic = TrafficStore(store: stores.control)
        let exposureRemoval = ExposureRemoval(jobs: stores.jobs, clock: clock)
        let resources = ResourceService(
            store: stores.control, clock: clock, descriptions: ResourceDescription.all,
            activity: ResourceService.Activity(
                recentConversions: { [events = stores.events] projectID in
                    try await events.goalCounts(projectID: projectID, since: clock.now.adding(seconds: -48 * 3_600))
                },
                experienceTraffic: { projectID in
                    try await traffic.traffic(projectID: projectID).mapValues {
                        ExperienceTraffic(visitors: $0.visitors, conversions: $0.conversions)
                    }
                },
                forget: { try exposureRemoval.schedule(experience: $0, project: $1, in: $2) },
                screenshots: { [screenshots = stores.screenshots] in try screenshots.shown(of: $0, in: $1) }))
        self.resources = resources
        experiences = ExperienceService(resources: resources)
        chromium = Chromium(path: settings.chromiumPath, networks: settings.fetchNetworks)
        let lifecycle = ExperienceLifecycle(resources: resources)
        self.lifecycle = lifecycle
        let environmentRemoval = EnvironmentRemoval(jobs: stores.jobs, clock: clock)
        let projects = ProjectService(
            store: stores.control, masterKey: stores.masterKey, resources: resources, clock: clock,
            removal: ProjectService.Removal(
                data: { try environmentRemoval.schedule(environments: $0, project: $1, in: $2) },
                keys: { [keys = stores.keys] in keys.remove(projectID: $0) }))
        self.projects = projects
        let catalogue = CatalogueStore(store: stores.control)
        let removers = EnvironmentRemovalHandler.Removers(
            profiles: { [mirror = stores.mirror] environmentID in
                await mirror.remove(environmentID: environmentID)
                try await people.deleteAll(environmentID: environmentID)
                try await catalogue.deleteAll(environmentID: environmentID)
            },
            jobFiles: { try await exports.removeFiles(jobID: $0) },
            projectFiles: { [images = stores.images] in try await images.removeFiles(projectID: $0) })
        let mail = MailJobHandler(mailer: stores.mailer, clock: clock)
        let registrations =
            [
                JobRegistration(
                    kind: ExportJobHandler.jobKind, handler: export, concurrency: 2, retention: exports.retention),
                JobRegistration(kind: DeletionService.jobKind, handler: deletion, forgetsPayload: true),
                JobRegistration(
                    kind: ExposureRemoval.jobKind,
                    handler: ExposureRemovalHandler(store: stores.events, erasure: erasure)),
                JobRegistration(
                    kind: EnvironmentRemoval.jobKind,
                    handler: EnvironmentRemovalHandler(
                        store: stores.events, feed: stores.feed, erasure: erasure, removers: removers)),
                JobRegistration(
                    kind: ErasureService.jobKind,
                    handler: ErasureJobHandler(events: stores.events) { [control = stores.control] in
                        try await control.erase()
                    }),
                JobRegistration(
                    kind: ScreenshotJob.kind,
                    handler: ScreenshotJob(screenshots: stores.screenshots, chromium: chromium, logger: logger) {
                        [experiences] in try await experiences.visit($0, of: $1, projectID: $2)
                    },
                    retry: JobRetryPolicy(maximumFailures: 3)),
                JobRegistration(kind: MailJobHandler.kind, handler: mail, concurrency: 4),
            ]
            + UploadKind.allCases.map {
                JobRegistration(
                    kind: $0.rawValue, handler: upload, concurrency: 2, retention: UploadService.retention)
            }
        let worker = JobWorker(
            jobs: stores.jobs,
            registrations: registrations.map { $0.waiting(out: Self.isStoreTrouble) },
            logger: logger)
        self.deletions = deletions
        self.uploads = uploads
        self.exports = exports
        segmentMembers = members
        services = [
            BackgroundService { [screenshots = stores.screenshots] in
                while !Task.isCancelled {
                    do {
                        try await screenshots.removeUnused()
                    } catch {
                        logger.warning("unused screenshots could not be removed", metadata: ["reason": "\(error)"])
                    }
                    try? await Task.sleep(for: .seconds(60))
                }
            },
            BackgroundService {
                while !Task.isCancelled {
                    do {
                        try await lifecycle.advance()
                    } catch {
                        logger.warning("experiences could not be moved on", metadata: ["reason": "\(error)"])
                    }
                    try? await Task.sleep(for: .seconds(5))
                }
            },
            BackgroundService { [tracker] in await tracker.run() },
            worker,
        ]
    }

    private static func parquet(_ tables: TableReader) -> ParquetReading {
        ParquetReading { path, columns, output, maximumBytes in
            do {
                try await tables.read(parquetAt: path, columns: columns, into: output, maximumBytes: maximumBytes)
            } catch TableReader.Failure.unreadable(let reason) {
                throw ParquetReading.Unreadable(reason: reason)
            }
        }
    }

    private static func isStoreTrouble(_ error: any Error) -> Bool {
        StoreTrouble.isCause(of: error) || EventStoreTrouble.isCause(of: error) || error is TrackingError
    }
}
