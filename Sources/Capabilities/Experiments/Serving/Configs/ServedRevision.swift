import ProjectDocuments
public import ServingDocument
public import Text

/// A project as it was at one revision.
public struct ServedRevision: Sendable {
    public let project: ServedProject
    /// The project's count of changes then.
    public let revision: Int64
    /// Oldest first.
    public let environments: [Environment]
    /// What events may count for.
    public let tracked: TrackedProject
    /// What product events may reach.
    let productGoals: ProductGoals
    /// All that are there, whether they run or not.
    public let experienceIDs: Set<Int64>
    /// Whose pages may read what is answered for the project.
    public let siteOrigins: SiteOrigins

    public struct Environment: Sendable, Equatable {
        public let id: Int64
        public let name: String
        /// Whether it is meant where none is named.
        public let isDefault: Bool

        public init(id: Int64, name: String, isDefault: Bool) {
            self.id = id
            self.name = name
            self.isDefault = isDefault
        }
    }

    public init(project: ServedProject, revision: Int64, environments: [Environment]) {
        self.project = project
        self.revision = revision
        self.environments = environments
        experienceIDs = Set(project.experiences.compactMap(\.id))
        tracked = TrackedProject(project, environments: environments)
        siteOrigins = SiteOrigins(project.project.domains)
        productGoals = ProductGoals(project.goals, used: tracked.usedGoals)
    }

    /// Whether an environment has an experience with this key which does not run: a draft, or one that is scheduled, paused,
    /// completed or archived.
    /// - Parameter environment: nil means the default one.
    public func isAtRest(_ key: ClientText, environment: String?) -> Bool {
        let name = environment ?? environments.first { $0.isDefault }?.name
        return project.experiences.contains { experience in
            guard experience.status != .active else { return false }
            let keys = [experience.key, experience.id.map { String($0) }]
            return keys.contains { $0.hasSameBytes(as: key.string) }
                && experience.environment.map { ($0 as String?).hasSameBytes(as: name) } ?? true
        }
    }

    /// Whether its config is served to those only who name an SDK key (`settings.disable_default_config`).
    public var requiresKey: Bool { project.project.settings.disableDefaultConfig }

    /// Whether there is an environment of this name.
    public func hasEnvironment(_ name: String) -> Bool { environments.contains { $0.name.hasSameBytes(as: name) } }
}
