import JSON
import ProjectDocuments
public import Time

/// What an account may use: by its plan, and, of one that belongs to another, by that one's as well.
public struct AccountPlan: Sendable {
    /// The account that pays: the one itself, or the one that it belongs to.
    let payer: Int64
    /// The payer's plan; nil for none.
    let plan: JSONValue?
    /// What an account that belongs to another may use of it (`usageLimits`); nil for the payer itself.
    let share: JSONValue?
    /// When usage is counted anew.
    let cycle: BillingCycle
    /// Whether the payer wants to pay for more than the plan includes (`overQuota_charges`).
    let isCharged: Bool

    /// How many of something the account may have, the smaller where two numbers hold.
    /// - Parameter name: a member of `usageLimits`.
    /// - Returns: nil for any number.
    func limit(_ name: String) -> Int64? {
        [included(name), share?[name]?["limitValue"]?.int64].compactMap(\.self).min()
    }

    /// What the plan includes and ends with; nil where there is no number, or more of it is charged.
    func included(_ name: String) -> Int64? {
        let limit = plan?["usageLimits"]?[name]
        if isCharged, limit?["overLimitCostPerUnit"]?.int64 != nil { return nil }
        return limit?["limitValue"]?.int64
    }

    /// The same of what visitors are counted by: a plan that bills by one of the two does not count the other.
    func included(tested name: String) -> Int64? {
        let counted = plan?["usage_limit_by"]?.string
        return counted == nil || counted == name ? included(name) : nil
    }
}

/// How many visitors may be tested until a cycle ends.
public struct TestedAllowance: Sendable, Equatable {
    /// When usage was last counted anew.
    public let cycleStart: Timestamp
    public let limits: [Limit]

    /// How many some accounts may test together.
    public struct Limit: Sendable, Equatable {
        public let accounts: [Int64]
        /// Visitors of all kinds; nil for any number.
        public let visitors: Int64?
        /// Those whom the program knows; nil for any number.
        public let users: Int64?
    }
}
