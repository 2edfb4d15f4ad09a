/// The kinds of experiences (contract schema `ExperienceTypes`), and what sets them apart.
public enum ExperienceType: String, Sendable, CaseIterable {
    case ab = "a/b"
    case aa = "a/a"
    case multivariate = "mvt"
    case splitURL = "split_url"
    case multipage
    case deploy
    case abFullstack = "a/b_fullstack"
    case featureRollout = "feature_rollout"

    /// Whether experiences of the type live in fullstack projects; all others do in web projects.
    public var isFullstack: Bool { self == .abFullstack || self == .featureRollout }

    /// The types of changes that their variations may hold.
    public var changeTypes: [ChangeType] {
        switch self {
        case .ab, .aa, .multivariate, .deploy: [.richStructure, .customCode, .defaultCode]
        case .splitURL: [.defaultRedirect, .customCode, .richStructure]
        case .multipage: [.defaultCodeMultipage, .customCode, .richStructure]
        case .abFullstack, .featureRollout: [.fullStackFeature]
        }
    }

    /// Whether variations are compared with a baseline: who is in one is tested, and counts for plans. Others only show something.
    public var hasBaseline: Bool { self != .deploy && self != .featureRollout }

    /// Whether goals are measured.
    public var hasGoals: Bool { self != .deploy }
}
