public import InternetAddress
import ProjectDocuments
import ServingDocument
import Text
import Time

/// What events of a project may count for.
public struct TrackedProject: Sendable {
    struct Experience: Sendable {
        let environment: String?
        let variations: Set<Int64>
        let goals: Set<Int64>
        /// Whether its visitors are tested, and not only shown something.
        let isTest: Bool
    }

    public let id: Int64
    /// 0 for the project of nobody.
    let accountID: Int64
    /// Whether the program knows who its visitors are: it gives them their ids, and no page does.
    let knowsItsVisitors: Bool
    /// How many visitors it wants to test in a billing cycle (`reporting_settings.tested_visitors_quota`); nil for any number.
    let testedVisitorsQuota: Int64?
    /// Those that run.
    let experiences: [Int64: Experience]
    let goals: Set<Int64>
    /// Goal to the experiences which run and are after it, in the order of their ids.
    let experiencesByGoal: [Int64: [Int64]]
    private let environments: [ServedRevision.Environment]
    private let blocked: BlockedAddresses
    private let idleGoals: IdleGoals

    init(_ project: ServedProject, environments: [ServedRevision.Environment] = []) {
        self.environments = environments
        blocked = BlockedAddresses(project.blockedAddresses)
        idleGoals = IdleGoals(project)
        id = project.project.id ?? 0
        accountID = project.accountID
        knowsItsVisitors = project.project.isFullstack
        testedVisitorsQuota = project.project.reportingSettings.testedVisitorsQuota
        goals = Set(project.goals.filter { !$0.isArchived }.compactMap(\.id))
        var experiences: [Int64: Experience] = [:]
        for experience in project.experiences where experience.status == .active {
            guard let id = experience.id else { continue }
            experiences[id] = Experience(
                environment: experience.environment,
                variations: Set(experience.variations.filter(\.isRunning).compactMap(\.id)),
                goals: Set(experience.goals), isTest: experience.type?.hasBaseline ?? true)
        }
        self.experiences = experiences
        experiencesByGoal = experiences.sorted { $0.key < $1.key }.reduce(into: [:]) { byGoal, experience in
            for goal in experience.value.goals { byGoal[goal, default: []].append(experience.key) }
        }
    }

    /// Whether visitors with this address are left out of reports.
    /// - Parameter address: nil when it is not known, of a client that has hung up: where any is blocked, so is that.
    public func isBlocked(_ address: IPAddress?) -> Bool { address.map(blocked.contains) ?? !blocked.isEmpty }

    /// Whether what reaches a goal is stored; false for a goal that no experience has had for longer than the project wants.
    func tracks(_ goalID: Int64, at now: Timestamp) -> Bool { idleGoals.tracks(goalID, at: now) }

    /// Where events of an environment belong; nil, or one that is not there, means the default one.
    public func environmentID(_ name: String?) -> Int64 {
        let found =
            environments.first { ($0.name as String?).hasSameBytes(as: name) } ?? environments.first { $0.isDefault }
        return (found ?? environments.first)?.id ?? 0
    }

    /// Nil for an environment of another project, or one that is gone.
    func environmentName(_ id: Int64) -> String? { environments.first { $0.id == id }?.name }

    /// The goals that experiences which run are after.
    var usedGoals: Set<Int64> { Set(experiencesByGoal.keys) }

    /// Why a visitor cannot have come into a variation now; nil when they can.
    /// - Parameter environment: the only one that the client may see; nil for all.
    func rejection(experienceID: Int64, variationID: Int64, environment: String?) -> TrackingRejection? {
        guard let experience = experiences[experienceID] else { return .experience }
        if let environment, let own = experience.environment, !own.hasSameBytes(as: environment) { return .experience }
        return experience.variations.contains(variationID) ? nil : .variation
    }
}
