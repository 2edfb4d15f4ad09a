/// Something that may be done to one kind of thing (a member of the contract schema `RolePermissions`), and the least role that may.
///
/// This is the one table of who may do what, for people and keys alike: operations name the permission that they need.
public struct Permission: Sendable, Hashable {
    /// Such as `experience`.
    public let object: String
    /// Such as `edit_running`.
    public let act: String
    public let leastRole: Role

    private init(_ object: String, _ act: String, _ leastRole: Role) {
        self.object = object
        self.act = act
        self.leastRole = leastRole
    }

    /// As operations are told of it, such as `experience.edit_running`.
    public var name: String { "\(object).\(act)" }
}

extension Permission {
    public static let editAccount = Permission("account", "edit", .accountManager)
    public static let manageAddons = Permission("account", "manage_addons", .accountManager)
    public static let manageSingleSignOn = Permission("account", "manage_sso", .accountManager)
    public static let manageKeys = Permission("account", "manage_api_keys", .admin)
    public static let manageBlockedAddresses = Permission("account", "manage_blocked_ips", .admin)

    public static let managePlan = Permission("billing", "managePlan", .owner)
    public static let manageBilling = Permission("billing", "manage_billing", .accountManager)
    public static let managePayment = Permission("billing", "manage_payment", .accountManager)
    public static let requestPayment = Permission("billing", "request_payment", .accountManager)

    public static let viewAccountLiveData = Permission("livedata", "view_account_livedata", .browse)
    public static let viewProjectLiveData = Permission("livedata", "view_project_livedata", .browse)
    public static let viewExperienceLiveData = Permission("livedata", "view_experience_livedata", .browse)

    public static let viewAccountHistory = Permission("history", "view_account_history", .browse)
    public static let viewProjectHistory = Permission("history", "view_project_history", .browse)
    public static let viewExperienceHistory = Permission("history", "view_experience_history", .browse)

    public static let viewCollaborators = Permission("collaborator", "view", .admin)
    public static let changeCollaborators = Permission("collaborator", "crud", .admin)

    public static let importProject = Permission("project", "import", .admin)
    public static let exportProject = Permission("project", "export", .browse)

    public static let editRunningExperience = Permission("experience", "edit_running", .publish)
    public static let startExperience = Permission("experience", "pauseplay", .publish)
    public static let editRunningLocation = Permission("location", "edit_running", .publish)
    public static let editRunningAudience = Permission("audience", "edit_running", .publish)
    /// Of what runs, beside ``editRunningExperience``.
    public static let startVariation = Permission("variation", "pauseplay", .edit)
    public static let changeBaseline = Permission("variation", "changebaseline", .edit)

    public static let viewReport = Permission("report", "view", .browse)
    /// What may be changed about reports without losing anything.
    public static let shareReport = Permission("report", "nochangeedit", .edit)
    /// What takes something out of reports.
    public static let changeReport = Permission("report", "fulledit", .publish)

    public static let convertHypothesis = Permission("hypothesis", "convert", .edit)

    /// Things that the contract has the same four permissions for.
    public enum Kept: String, Sendable, CaseIterable {
        case feature
        case project
        case domain
        case tag
        case goal
        case experience
        case location
        case audience
        case hypothesis
        case knowledgeBase = "knowledge_base"
        case observation

        /// The least role that changes them.
        fileprivate var editor: Role {
            switch self {
            case .project: .admin
            default: .edit
            }
        }

        /// Whether the contract names their copying.
        fileprivate var isCloned: Bool { self == .goal || self == .experience }
    }

    public static func view(_ kept: Kept) -> Permission { Permission(kept.rawValue, "view", .browse) }
    public static func add(_ kept: Kept) -> Permission { Permission(kept.rawValue, "add", kept.editor) }
    public static func edit(_ kept: Kept) -> Permission { Permission(kept.rawValue, "edit", kept.editor) }
    public static func delete(_ kept: Kept) -> Permission { Permission(kept.rawValue, "delete", kept.editor) }

    /// Copying; where the contract does not name it, it is adding.
    public static func clone(_ kept: Kept) -> Permission {
        kept.isCloned ? Permission(kept.rawValue, "clone", kept.editor) : add(kept)
    }

    /// All that there are, thing by thing.
    public static let all: [Permission] =
        [
            editAccount, manageAddons, manageSingleSignOn, manageKeys, manageBlockedAddresses, managePlan,
            manageBilling,
            managePayment, requestPayment, viewAccountLiveData, viewProjectLiveData, viewExperienceLiveData,
            viewAccountHistory, viewProjectHistory, viewExperienceHistory, viewCollaborators, changeCollaborators,
            importProject, exportProject, editRunningExperience, startExperience, editRunningLocation,
            editRunningAudience, startVariation, changeBaseline, viewReport, shareReport, changeReport,
            convertHypothesis,
        ]
        + Kept.allCases.flatMap { kept in
            [add(kept), delete(kept), edit(kept), view(kept)] + (kept.isCloned ? [clone(kept)] : [])
        }
}
