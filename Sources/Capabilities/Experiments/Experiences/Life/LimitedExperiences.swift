import ControlStore
import JSON
import ProjectDocuments
import Resources
import Synchronization
import Time

/// Running experiences that end after a time, or after a number of visitors: by their own settings, or else by their project's.
final class LimitedExperiences: Sendable {
    private let resources: ResourceService
    private let projects: TableWatch
    private let known = Mutex(Known())

    /// What projects say, as of a count of commits that touched them.
    private struct Known {
        var commits: Int?
        var settings: [Int64: ProjectReportingSettings] = [:]
    }

    init(_ resources: ResourceService) {
        self.resources = resources
        projects = TableWatch(resources.store, tables: ["projects"])
    }

    private struct Running {
        let id: Int64
        let projectID: Int64
        let start: Int64
        let settings: ExperienceSettings

        init(row: Row) throws {
            id = try row.read("id")
            projectID = try row.read("project_id")
            start = try row.read("start_time")
            settings = try ExperienceSettings(row.read("settings", as: String?.self).map { try JSONValue(stored: $0) })
        }
    }

    /// Those that have run as long, or have had as many visitors, as they may.
    /// - Parameter now: Unix seconds.
    func reached(at now: Int64) async throws -> [(id: Int64, projectID: Int64)] {
        let projects = try await limitingProjects()
        let running = try await resources.store.read { try Self.running(Array(projects.keys), from: $0) }
        var reached: [(id: Int64, projectID: Int64)] = []
        var counted: [Int64: [(id: Int64, most: Int64)]] = [:]
        for experience in running {
            let limits = RunningLimits(
                experience.settings, projects[experience.projectID] ?? ProjectReportingSettings(nil))
            func hasRun(_ days: Int64) -> Bool {
                experience.start.addingSaturating(days.multipliedSaturating(by: 86_400)) <= now
            }
            if limits.endDays > 0, hasRun(limits.endDays) {
                reached.append((experience.id, experience.projectID))
            } else if limits.mostVisitors.value > 0, hasRun(limits.leastDays.value) {
                counted[experience.projectID, default: []].append((experience.id, limits.mostVisitors.value))
            }
        }
        for (projectID, experiences) in counted {
            let traffic = try await resources.activity.experiences.experienceTraffic(projectID: projectID)
            for (id, most) in experiences where traffic[id]?.visitors ?? 0 >= most { reached.append((id, projectID)) }
        }
        return reached.sorted { $0.id < $1.id }
    }

    private func limitingProjects() async throws -> [Int64: ProjectReportingSettings] {
        let commits = projects.count
        if let settings = known.withLock({ $0.commits == commits ? $0.settings : nil }) { return settings }
        let settings = try await resources.store.read { try ProjectReportingSettings.fetchLimiting(from: $0) }
        known.withLock { $0 = Known(commits: commits, settings: settings) }
        return settings
    }

    /// Those that may have a limit; documents are read only where they can be.
    private static func running(_ projects: [Int64], from database: Database) throws -> [Running] {
        try database.rows(
            sql: """
                SELECT id, project_id, \(SQL.member("start_time")) AS start_time, \(SQL.member("settings")) AS settings
                FROM resources WHERE kind = 'experience' AND status = 'active' AND iif(\(SQL.isJSON("document")),
                    NOT ifnull(\(SQL.member("concluded")), FALSE) AND \(SQL.member("start_time")) > 0
                    AND (\(SQL.member("settings.max_running_time")) > 0
                        OR \(SQL.member("settings.max_experience_visitors")) > 0
                        OR project_id IN \(SQL.list("?"))), 0)
                """,
            arguments: [ListArgument(projects)]
        ).readable("experience", Running.init(row:))
    }
}
