package import Automation
public import Catalogue
public import Collaborators
public import ControlStore
public import EventMirror
public import EventStore
public import Events
public import Exports
public import Features
public import Identity
public import Images
public import Notices
public import People
public import Projects
package import Queries
public import Reports
public import Resources
public import Serving
public import Sessions
public import Time
public import Webhooks

// Which room answers what another one asks. Rooms of one floor do not know each other: who asks says what for in a protocol
// of its own, and who answers has methods that fit.

extension Audience: ExportAudience {}
extension DeletionService: PendingDeletions {}

extension VisitorRemoval: VisitorKeeper {}
extension EventMirror: LogCopies, EnvironmentContents {}
extension PeopleStore: ProfileKeeper, RemovableProfiles, EnvironmentContents {}
extension CatalogueStore: EnvironmentContents {}
extension DenyList: DeniedUsers, UserDenial, EnvironmentContents {}
extension ExportService: JobFiles {}
extension DeliveryStore: MessageKeeper {}
extension FeatureStore: FigureKeeper, EnvironmentContents {}

extension FeatureMatcher: SoughtFeatures {
    public func tags(of event: SeenEvent, environmentID: Int64) -> (tags: [String], isCut: Bool) {
        let sight = Sight(
            isPageView: event.isPageView, eventName: event.eventName, host: event.host, path: event.path,
            element: event.element, text: event.text)
        let matches = matches(of: sight, environmentID: environmentID)
        return (matches.tags, matches.isCut)
    }
}
extension VisitorStore: EnvironmentContents, ProjectContents {}
extension ImageStore: ProjectFiles {}

extension ProjectService: ReportingSettings {}
extension ExperienceVisitors: ReportVisitors {}
extension EventMirror: ReportCopies {}
extension ErasureService: ReportErasure {}
extension ReportDataRemoval: PendingReportRemovals {}
extension EventStore: UserEventCounts, GoalCounts {}
extension ExposureRemoval: ExperienceEventRemoval {}
extension ScreenshotStore: ScreenshotProgress {}
extension EnvironmentRemoval: EnvironmentRemovalScheduling {}
extension KeyRing: ProjectKeys {}

/// Projects as configs are made of them, and whether any has changed.
struct WatchedProjects: ConfigSource {
    let projects: ServedProjects
    let watch: TableWatch

    var commits: Int { watch.count }

    func revision(_ projectID: Int64) async throws -> Int64? { try await projects.revision(projectID) }

    func load(_ projectID: Int64) async throws -> ServedRevision? {
        try await projects.project(projectID).map { served in
            ServedRevision(
                project: served.project, revision: served.revision,
                environments: served.environments.map {
                    ServedRevision.Environment(id: $0.id, name: $0.name, isDefault: $0.isDefault)
                })
        }
    }
}

extension TableReader: ParquetReader {
    package func readParquet(
        at path: String, columns: [String], into output: String, maximumBytes: Int
    ) async throws {
        do {
            try await read(parquetAt: path, columns: columns, into: output, maximumBytes: maximumBytes)
        } catch TableReader.Failure.unreadable(let reason) {
            throw UnreadableParquet(reason: reason)
        }
    }
}

extension TrafficWatch: ExperienceCounters {
    package func counters(of ids: Set<Int64>?) async throws -> [Int64: ExperienceCounter] {
        try await traffic(of: ids).mapValues {
            ExperienceCounter(projectID: $0.projectID, visitors: $0.visitors, conversions: $0.conversions)
        }
    }
}

extension TrafficStore: ExperienceTrafficCounts {
    package func experienceTraffic(projectID: Int64) async throws -> [Int64: ExperienceTraffic] {
        try await traffic(projectID: projectID).mapValues {
            ExperienceTraffic(visitors: $0.visitors, conversions: $0.conversions)
        }
    }
}

extension InvitationLetters: InvitationMails, SubAccountMails {}

extension LoginLetters: LoginMails {
    public func sendReset(code: String, to user: User, in database: Database) throws {
        try sendReset(code: code, to: user.email, in: database)
    }

    public func sendConfirmation(code: String, to address: String, of user: User, in database: Database) throws {
        try sendConfirmation(code: code, to: address, of: user.email, in: database)
    }

    public func sendNotice(_ change: String, to user: User, in database: Database) throws {
        try sendNotice(change, to: user.email, in: database)
    }
}

extension TestedUsageStore: TestedUsage {}

extension AccountPlans: EnvironmentLimits {}

extension AccountPlans: TestedQuotas {
    public func quota(of accountID: Int64, at now: Timestamp, in database: Database) throws -> TestedQuota {
        let allowance = try allowance(of: accountID, at: now, in: database)
        return TestedQuota(
            cycleStart: allowance.cycleStart,
            limits: allowance.limits.map {
                TestedQuota.Limit(accounts: $0.accounts, visitors: $0.visitors, users: $0.users)
            })
    }

    public func usedUp(by accounts: [Int64], in database: Database) throws {
        try raiseRevisions(of: accounts, in: database)
    }
}
