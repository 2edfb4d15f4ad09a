package import Automation
public import Catalogue
public import EventMirror
public import EventStore
public import Events
public import Exports
public import Identity
public import Images
public import People
import Projects
public import Reports
public import Resources
public import Serving

// Which room answers what another one asks. Rooms of one floor do not know each other: who asks says what for in a protocol
// of its own, and who answers has methods that fit.

extension Audience: ExportAudience {}
extension DeletionService: PendingDeletions {}

extension VisitorRemoval: VisitorKeeper {}
extension EventMirror: LogCopies, EnvironmentContents {}
extension PeopleStore: ProfileKeeper, EnvironmentContents {}
extension CatalogueStore: EnvironmentContents {}
extension ExportService: JobFiles {}
extension VisitorStore: EnvironmentContents, ProjectContents {}
extension ImageStore: ProjectFiles {}

extension ProjectService: ReportingSettings {}
extension ExperienceVisitors: ReportVisitors {}
extension EventMirror: ReportCopies {}
extension ErasureService: ReportErasure {}
extension EventStore: UserEventCounts, GoalCounts {}
extension ExposureRemoval: ExperienceEventRemoval {}
extension ScreenshotStore: ScreenshotProgress {}
extension EnvironmentRemoval: EnvironmentRemovalScheduling {}
extension KeyRing: ProjectKeys {}

extension TrafficWatch: ExperienceCounters {
    package func counters() async throws -> [Int64: ExperienceCounter] {
        try await traffic().mapValues {
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
