import Identity

/// The kinds of experiences (contract schema `ExperienceTypes`), and what sets them apart.
enum ExperienceType: String, CaseIterable {
    case ab = "a/b"
    case aa = "a/a"
    case multivariate = "mvt"
    case splitURL = "split_url"
    case multipage
    case deploy
    case abFullstack = "a/b_fullstack"
    case featureRollout = "feature_rollout"

    /// Where experiences of the type live.
    var projectType: ProjectType { self == .abFullstack || self == .featureRollout ? .fullstack : .web }

    /// The types of changes that their variations may hold.
    var changeTypes: [ChangeType] {
        switch self {
        case .ab, .aa, .multivariate, .deploy: [.richStructure, .customCode, .defaultCode]
        case .splitURL: [.defaultRedirect, .customCode, .richStructure]
        case .multipage: [.defaultCodeMultipage, .customCode, .richStructure]
        case .abFullstack, .featureRollout: [.fullStackFeature]
        }
    }

    /// Whether variations are compared with a baseline.
    var hasBaseline: Bool { self != .deploy && self != .featureRollout }

    /// Whether goals are measured.
    var hasGoals: Bool { self != .deploy }
}

/// The types of changes (contract schema `ExperienceChangeBase`).
enum ChangeType: String, CaseIterable {
    case richStructure
    case customCode
    case defaultCode
    case defaultCodeMultipage
    case defaultRedirect
    case fullStackFeature
}
