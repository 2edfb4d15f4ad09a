import ControlStore
import Identity
import ProjectDocuments
import Resources
import Time

extension Experience {
    /// - Parameter old: what it was; nil for a new one.
    /// - Throws: ``ExperimentsError`` where it would end as soon as it runs again.
    func checkMayRunOn(after old: Resource?, in database: Database) throws {
        guard let old, old.experience.isStarted, status == .active, old.status != status.rawValue else { return }
        let project = try ProjectReportingSettings.fetch(of: scope.project.id, from: database)
        let limits = RunningLimits(document.settings, project)
        guard let end = document.time(afterDays: limits.endDays), end <= service.clock.now.seconds else { return }
        let whose = limits.mostDays.source == .project ? "days that its project allows" : "days"
        throw ExperimentsError.invalid(
            "settings.max_running_time",
            "settings.max_running_time: the experience has run its \(limits.endDays) \(whose); raise it to run on, or set 0 for no limit."
        )
    }
}
