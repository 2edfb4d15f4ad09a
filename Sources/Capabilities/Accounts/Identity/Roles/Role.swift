/// What people and keys may do in an account or a project (contract schema `AccessRoleNames`).
///
/// The cases stand in the order of what they may do: each may do all that the ones before it may. Nobody gives others more than
/// they have.
public enum Role: String, Sendable, CaseIterable, Comparable {
    /// Reads.
    case browse
    /// Also comments, which nothing that is served takes yet.
    case review
    /// Also changes what does not run.
    case edit
    /// Also starts, pauses and changes what runs.
    case publish
    /// Also runs projects.
    case admin
    /// Also runs the account; what keys without a role have.
    case accountManager = "account_manager"
    /// Holds all. Keys cannot have it.
    case owner

    public static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// Those that keys may have (contract schema `AccessRoleNamesNoOwner`).
    public static var ofKeys: [Role] { allCases.filter { $0 != .owner } }

    /// Whether the role has the permission.
    public func may(_ permission: Permission) -> Bool { self >= permission.leastRole }

    /// What somebody with this role is told who lacks the permission.
    public func refusal(of permission: Permission) -> String {
        "The role \(rawValue) lacks the permission \(permission.name); it takes \(permission.leastRole.rawValue) or more."
    }
}
