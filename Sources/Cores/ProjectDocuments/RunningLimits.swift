/// How long an experience runs, and for how many visitors: what it says itself, or else its project.
public struct RunningLimits: Sendable, Equatable {
    /// Who says so.
    public enum Source: String, Sendable {
        case experience
        case project
        /// Nobody.
        case standard = "default"
    }

    public struct Limit: Sendable, Equatable {
        /// 0 for none.
        public let value: Int64
        public let source: Source

        init(_ experience: Int64?, _ project: Int64?) {
            value = max(experience ?? project ?? 0, 0)
            source = experience != nil ? .experience : project != nil ? .project : .standard
        }
    }

    /// Days before anything is decided, and before visitors alone end it.
    public let leastDays: Limit
    /// Days after which it ends.
    public let mostDays: Limit
    /// Visitors after which it ends.
    public let mostVisitors: Limit

    /// Days after which it ends, but not before it has run as long as it must; 0 for never.
    public var endDays: Int64 { mostDays.value > 0 ? max(mostDays.value, leastDays.value) : 0 }

    /// - Parameters:
    ///   - experience: the experience's settings; 0 there takes a limit of the project away.
    ///   - project: the project's reporting settings.
    public init(_ experience: ExperienceSettings, _ project: ProjectReportingSettings) {
        leastDays = Limit(experience.minRunningTime, project.minRunningTime)
        mostDays = Limit(experience.maxRunningTime, project.maxRunningTime)
        mostVisitors = Limit(experience.maxExperienceVisitors, project.maxExperienceVisitors)
    }
}
