import Automation
import Billing
import Browser
import Catalogue
import ControlStore
import Demo
import EventMirror
import EventStore
import Events
import Experiences
import Exports
import Features
import Foundation
import GainsightAPI
import Identity
import Images
import Jobs
import Logging
import Notices
import People
import Projects
import Queries
import Reports
import Resources
import ServiceLifecycle
import Serving
import Text
import Time
import UserpilotAPI
import Webhooks

/// What is done in the background: jobs of all kinds, and clearing away what has expired.
struct BackgroundWork {
    let deletions: DeletionService
    let peopleRemoval: PeopleRemoval
    let uploads: UploadService
    let exports: ExportService
    let segmentMembers: SegmentMembers
    let projects: ProjectService
    let tracker: Tracker
    let resources: ResourceService
    let experiences: ExperienceService
    let reports: ReportService
    let reportFiles: ReportFiles
    let eventExports: ExperimentExportService
    let reportRemoval: ReportDataRemoval
    let chromium: Chromium
    let automation: ExperienceAutomation
    let lifecycle: ExperienceLifecycle
    let bookings: PlanBookings
    let letters: LetterBox
    let loginLetters: LoginLetters
    let invitationLetters: InvitationLetters
    let webhooks: WebhookService
    let features: FeatureStore
    let featureHistory: FeatureHistory
    let services: [any Service]
    /// Of all jobs that are run.
    let jobKinds: [String]

    init(_ stores: Stores, _ settings: Settings, _ folder: DataFolder, clock: WallClock, logger: Logger) {
        let deletions = DeletionService(
            jobs: stores.jobs, store: stores.events, companies: stores.companies, clock: clock)
        let uploads = UploadService(jobs: stores.jobs, directory: folder.uploadsPath, clock: clock)
        let exports = ExportService(jobs: stores.jobs, blobs: stores.blobs, clock: clock)
        let people = PeopleStore(store: stores.control)
        let segments = SegmentStore(store: stores.control, clock: clock)
        let exclusions = ExclusionStore(store: stores.control, clock: clock)
        let members = SegmentMembers(store: stores.control, events: stores.events, clock: clock)
        let audience = Audience(
            feed: stores.feed, people: people, segments: segments, members: members, exclusions: exclusions)
        let publicURL =
            settings.publicURL
            ?? "\(settings.tlsCertificate == nil ? "http" : "https")://\(settings.host):\(settings.port)"
        let lettersKey = stores.masterKey.subkey(label: "letters")
        letters = LetterBox(jobs: stores.jobs, key: lettersKey, publicURL: publicURL)
        bookings = PlanBookings(jobs: stores.jobs, store: stores.control, settings.payments, clock: clock) {
            [plans = stores.plans] in
            try plans.book(
                $0, for: $1, reference: $2,
                author: ChangeAuthor(name: "payment provider", method: .app, requestID: nil), at: $3, in: $4)
        }
        let notices = ExportNotices(letters)
        loginLetters = LoginLetters(letters, clock: clock)
        invitationLetters = InvitationLetters(letters, clock: clock)
        let export = ExportJobHandler(
            store: stores.events, blobs: stores.blobs, audience: audience, deletions: deletions, notices: notices,
            workingDirectory: folder.workPath)
        let eventExports = ExperimentExportService(jobs: stores.jobs, blobs: stores.blobs, clock: clock)
        self.eventExports = eventExports
        let upload = UploadJobHandler(
            store: stores.events, writer: stores.writer, feed: stores.feed, rejections: stores.rejections,
            form: stores.guarded(UserpilotEvents()), parquet: stores.tables, clock: clock)
        let erasure = ErasureService(jobs: stores.jobs, clock: clock)
        let tracker = Tracker(
            store: stores.control, events: stores.events, quotas: stores.plans, clock: clock, logger: logger
        ) {
            [configs = stores.configs] in try await configs.project($0)?.tracked
        }
        self.tracker = tracker
        let visitorStore = VisitorStore(store: stores.control)
        let visitors = VisitorRemoval(visitors: visitorStore, tracker: tracker)
        let webhooks = WebhookService(
            store: stores.control, log: stores.events, feed: stores.feed, networks: settings.fetchNetworks,
            key: stores.masterKey.subkey(label: "webhooks"), form: GainsightWebhooks(people: people, feed: stores.feed),
            clock: clock, logger: logger)
        self.webhooks = webhooks
        let features = FeatureStore(store: stores.control, matcher: stores.features, clock: clock) {
            [events = stores.events] in try await events.end()
        }
        self.features = features
        featureHistory = FeatureHistory(jobs: stores.jobs)
        let removals = Turns(atOnce: 1)
        let deletion = DeletionJobHandler(
            store: stores.events, feed: stores.feed, companies: stores.companies, setAside: stores.setAside,
            rejections: stores.rejections, erasure: erasure,
            others: SubjectKeepers(
                visitors: visitors, copies: stores.mirror, profiles: people, messages: webhooks.deliveries,
                figures: features), removals: removals)
        let peopleRemoval = PeopleRemoval(
            profiles: people, denials: stores.denyList, deletions: deletions, calls: stores.calls, feed: stores.feed,
            clock: clock)
        self.peopleRemoval = peopleRemoval
        let exposureRemoval = ExposureRemoval(jobs: stores.jobs, clock: clock)
        let resources = ResourceService(
            store: stores.control, clock: clock, descriptions: ResourceDescription.all,
            activity: ResourceService.Activity(
                goals: stores.events, experiences: TrafficStore(store: stores.control), events: exposureRemoval,
                screenshots: stores.screenshots, results: ResultStore()))
        self.resources = resources
        experiences = ExperienceService(resources: resources)
        chromium = Chromium(path: settings.chromiumPath, networks: settings.fetchNetworks)
        let projects = ProjectService(
            store: stores.control, masterKey: stores.masterKey, resources: resources, clock: clock,
            contents: EnvironmentRemoval(jobs: stores.jobs, clock: clock), keys: stores.keys, plans: stores.plans)
        self.projects = projects
        reports = ReportService(
            resources: resources, history: ChangeHistory(store: stores.control, clock: clock), events: stores.events,
            projects: projects)
        let automation = ExperienceAutomation(
            resources: resources, reports: reports, counters: TrafficWatch(store: stores.control))
        self.automation = automation
        let lifecycle = ExperienceLifecycle(resources: resources, endings: automation)
        self.lifecycle = lifecycle
        reportRemoval = ReportDataRemoval(reports: reports, jobs: stores.jobs)
        reportFiles = ReportFiles(
            blobs: stores.blobs, jobs: stores.jobs, workingDirectory: folder.workPath, clock: clock)
        let catalogue = CatalogueStore(store: stores.control)
        let keepers = EnvironmentKeepers(
            contents: [stores.mirror, people, stores.denyList, features, catalogue, visitorStore],
            projectContents: [visitorStore],
            jobFiles: exports, projectFiles: stores.images)
        let mail = LetterJob(mailer: stores.mailer, key: lettersKey, clock: clock)
        let registrations =
            [
                JobRegistration(
                    kind: ExportJobHandler.jobKind, handler: export, concurrency: 2, retention: exports.retention),
                JobRegistration(
                    kind: ExperimentExportJobHandler.jobKind,
                    handler: ExperimentExportJobHandler(
                        store: stores.events, blobs: stores.blobs, deletions: deletions, removals: reportRemoval,
                        notices: notices, workingDirectory: folder.workPath, clock: clock),
                    concurrency: 2, retention: eventExports.retention),
                JobRegistration(
                    kind: DeletionService.jobKind, handler: deletion, retention: DeletionService.retention,
                    forgetsPayload: true, isOwed: true),
                JobRegistration(
                    kind: DeletionService.companyJobKind,
                    handler: CompanyDeletionHandler(deletions: deletion, profiles: people), forgetsPayload: true,
                    isOwed: true),
                JobRegistration(
                    kind: FeatureHistory.jobKind,
                    handler: FeatureHistoryHandler(
                        store: stores.events, writer: stores.writer, features: stores.features,
                        denied: stores.denyList, calls: stores.calls, removals: removals, clock: clock),
                    retention: FeatureHistory.retention),
                JobRegistration(
                    kind: ExposureRemoval.jobKind,
                    handler: ExposureRemovalHandler(store: stores.events, copies: stores.mirror, erasure: erasure),
                    isOwed: true),
                JobRegistration(
                    kind: EnvironmentRemoval.jobKind,
                    handler: EnvironmentRemovalHandler(
                        store: stores.events, feed: stores.feed, erasure: erasure, others: keepers)),
                JobRegistration(
                    kind: ErasureService.jobKind,
                    handler: ErasureJobHandler(events: stores.events, control: stores.control)),
                JobRegistration(
                    kind: ScreenshotJob.kind,
                    handler: ScreenshotJob(screenshots: stores.screenshots, chromium: chromium, logger: logger) {
                        [experiences] in try await experiences.visit($0, of: $1, projectID: $2)
                    },
                    retry: JobRetryPolicy(maximumFailures: 3)),
                JobRegistration(
                    kind: ReportDataRemovalHandler.jobKind,
                    handler: ReportDataRemovalHandler(
                        events: stores.events,
                        visitors: ExperienceVisitors(store: stores.control, tracker: tracker, clock: clock),
                        copies: stores.mirror, results: ResultRemoval(store: stores.control, clock: clock),
                        erasure: erasure,
                        clock: clock),
                    isOwed: true),
                JobRegistration(
                    kind: ReportFileRemoval.jobKind, handler: ReportFileRemoval(blobs: stores.blobs),
                    retention: JobRetention(seconds: 3_600)),
                JobRegistration(
                    kind: DemoProjects.jobKind,
                    handler: DemoProjectHandler(projects: projects, resources: resources, tracker: tracker) {
                        [configs = stores.configs] in try await configs.project($0)?.tracked
                    },
                    retention: JobRetention(seconds: 3_600)),
                JobRegistration(kind: PlanBookings.kind, handler: bookings, retry: PlanBookings.retry),
                JobRegistration(
                    kind: LetterJob.noticeKind, handler: mail, concurrency: 4, retry: LetterJob.retry,
                    forgetsPayload: true),
                JobRegistration(
                    kind: LetterJob.kind, handler: mail, concurrency: 2, retry: LetterJob.retry,
                    retention: JobRetention(seconds: 3_600), forgetsPayload: true),
            ]
            + UploadKind.allCases.map {
                JobRegistration(
                    kind: $0.rawValue, handler: upload, concurrency: 3, shortPlaces: 1,
                    retention: UploadService.retention)
            }
        let worker = JobWorker(
            jobs: stores.jobs,
            registrations: registrations.map { $0.waiting(out: Self.isStoreTrouble) },
            logger: logger)
        jobKinds = worker.kinds
        self.deletions = deletions
        self.uploads = uploads
        self.exports = exports
        segmentMembers = members
        services = [
            BackgroundService { await webhooks.dispatcher.run() },
            BackgroundService(every: .seconds(1), or: "keys that others have changed could not be read", logger) {
                [follower = KeyFollower(store: stores.control, keys: stores.keys, sdkKeys: stores.sdkKeys)] in
                try await follower.follow()
            },
            BackgroundService(every: .seconds(60), or: "unused screenshots could not be removed", logger) {
                [screenshots = stores.screenshots] in try await screenshots.removeUnused()
            },
            BackgroundService(every: .seconds(5), or: "experiences could not be moved on", logger) {
                try await lifecycle.advance()
            },
            BackgroundService(every: .seconds(5), or: "experiences could not be evaluated", logger) {
                try await automation.advance()
            },
            BackgroundService {
                while !Task.isCancelled {
                    do {
                        try await peopleRemoval.eraseExpired()
                    } catch {
                        logger.warning("removed users could not be erased", metadata: ["reason": "\(error)"])
                    }
                    try? await Task.sleep(for: .seconds(3_600))
                }
            },
            BackgroundService { [tracker] in await tracker.run() },
            worker,
        ]
    }

    private static func isStoreTrouble(_ error: any Error) -> Bool {
        StoreTrouble.isCause(of: error) || EventStoreTrouble.isCause(of: error) || error is TrackingError
    }
}
