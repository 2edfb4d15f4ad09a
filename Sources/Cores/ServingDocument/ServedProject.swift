public import JSON
public import ProjectDocuments

/// What the management interface shows of a project, everything expanded: the material of a ``ServedConfig``, and of whatever
/// else is to be known of a project while visitors are served.
///
/// It holds whatever is not deleted; what of it is served is the config's business. Lists may come in any order.
public struct ServedProject: Sendable {
    /// The account's id.
    public var accountID: Int64
    /// The project with `global_javascript` and `domains`.
    public var project: ProjectDocument
    /// The goals with `triggering_rule`.
    public var goals: [GoalDocument]
    /// The locations with `rules` and `trigger`.
    public var locations: [LocationDocument]
    /// The audiences of all types with `rules`.
    public var audiences: [AudienceDocument]
    /// The features.
    public var features: [FeatureDocument]
    /// The experiences with `goals`, `audiences` and `locations`, as ids or expanded, and with `variations` and
    /// `variations.changes` expanded; those of multivariate tests have the changes of their versions.
    public var experiences: [ExperienceDocument]
    /// The ids of experiences that were archived within the last eight months.
    public var archivedExperienceIDs: [Int64]
    /// The addresses whose visitors are left out of reports, of the account and of the project (members `blocked_ips`).
    public var blockedAddresses: [BlockedIPs] = []
    /// Whether no more visitors may be tested: those who were seen in a variation stay in it, nobody else comes into one.
    public var isUsedUp = false
    /// When each goal was made, in Unix seconds, by its id.
    public var goalsMadeAt: [Int64: Int64] = [:]

    /// A project with what it holds, as the management interface shows each.
    public init(
        accountID: Int64, project: JSONValue, goals: [JSONValue] = [], locations: [JSONValue] = [],
        audiences: [JSONValue] = [], features: [JSONValue] = [], experiences: [JSONValue] = [],
        archivedExperienceIDs: [Int64] = []
    ) {
        self.accountID = accountID
        self.project = ProjectDocument(project)
        self.goals = goals.map { GoalDocument($0) }
        self.locations = locations.map { LocationDocument($0) }
        self.audiences = audiences.map { AudienceDocument($0) }
        self.features = features.map { FeatureDocument($0) }
        self.experiences = experiences.map { ExperienceDocument($0) }
        self.archivedExperienceIDs = archivedExperienceIDs
    }
}
