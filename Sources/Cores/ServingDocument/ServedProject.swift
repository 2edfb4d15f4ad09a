public import JSON

/// What the management interface shows of a project, everything expanded: the material of a ``ServingDocument``.
///
/// It holds whatever is not deleted; what of it is served is the document's business. Lists may come in any order.
public struct ServedProject: Sendable {
    /// The account's id.
    public var accountID: Int64
    /// The project (contract schema `Project` of `convert.yaml`) with `global_javascript` and `domains`.
    public var project: JSONValue
    /// The goals (`Goal`) with `triggering_rule`.
    public var goals: [JSONValue]
    /// The locations (`Location`) with `rules` and `trigger`.
    public var locations: [JSONValue]
    /// The audiences of all types (`Audience`) with `rules`.
    public var audiences: [JSONValue]
    /// The features (`Feature`).
    public var features: [JSONValue]
    /// The experiences (`Experience`) with `goals`, `audiences` and `locations`, as ids or expanded, and with
    /// `variations` and `variations.changes` expanded; those of multivariate tests have the changes of their versions.
    public var experiences: [JSONValue]
    /// The ids of experiences that were archived within the last eight months.
    public var archivedExperienceIDs: [Int64]
    /// The addresses whose visitors are left out of reports, of the account and of the project (members `blocked_ips`).
    public var blockedAddresses: [JSONValue] = []

    /// A project with what it holds.
    public init(
        accountID: Int64, project: JSONValue, goals: [JSONValue] = [], locations: [JSONValue] = [],
        audiences: [JSONValue] = [], features: [JSONValue] = [], experiences: [JSONValue] = [],
        archivedExperienceIDs: [Int64] = []
    ) {
        self.accountID = accountID
        self.project = project
        self.goals = goals
        self.locations = locations
        self.audiences = audiences
        self.features = features
        self.experiences = experiences
        self.archivedExperienceIDs = archivedExperienceIDs
    }
}
