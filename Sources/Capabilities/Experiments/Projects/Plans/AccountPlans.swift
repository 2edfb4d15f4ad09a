public import ControlStore
import Identity
import JSON
package import Resources
import Text
public import Time

/// Which plans accounts have, what these let them use, and how much they have used.
public struct AccountPlans: Sendable {
    let offered: OfferedPlans
    let usage: any TestedUsage

    /// - Parameter usage: who was tested.
    public init(_ offered: OfferedPlans = OfferedPlans(), usage: any TestedUsage = NoTestedUsage()) {
        self.offered = offered
        self.usage = usage
    }

    /// The member of an account's document that holds what it has booked; nobody is shown it.
    static let booking = "booking"

    /// What an account may use; one that there is not may use anything.
    func plan(of accountID: Int64, at now: Timestamp, from database: Database) throws -> AccountPlan {
        let parent = try Account.parentID(of: accountID, from: database)
        let payer = parent ?? accountID
        // Documents may be large, and this is asked with every transaction that tracks visitors.
        if parent == nil, offered.isEmpty {
            return AccountPlan(
                payer: payer, plan: nil, share: nil, cycle: BillingCycle(months: 1, since: nil, at: now),
                isCharged: false)
        }
        let document = try document(payer, from: database)
        let share = try parent.map { _ in try self.document(accountID, from: database) }.flatMap { UsageLimits.of($0) }
        let booked = document[Self.booking]?["experiences"]
        let plan = booked?["plan_id"]?.int64.map { offered.plan($0) } ?? offered.standardPlan
        let since = booked?["since"]?.int64.map { Timestamp(seconds: $0) }
        return AccountPlan(
            payer: payer, plan: plan, share: share,
            cycle: BillingCycle(months: plan?.cycleMonths ?? 1, since: plan == nil ? nil : since, at: now),
            isCharged: document["billing"]?["settings"]?["overQuota_charges"]?.bool ?? false)
    }

    /// How many environments each project of an account may have; nil for any number.
    public func environmentLimit(accountID: Int64, at now: Timestamp, in database: Database) throws -> Int64? {
        try plan(of: accountID, at: now, from: database).limit("environments")
    }

    /// How many visitors an account may test: what is its own, and what is that of the account that it belongs to.
    package func allowance(of accountID: Int64, at now: Timestamp, in database: Database) throws -> TestedAllowance {
        let plan = try plan(of: accountID, at: now, from: database)
        var limits: [TestedAllowance.Limit] = []
        if let share = plan.share {
            limits.append(
                TestedAllowance.Limit(
                    accounts: [accountID], visitors: share["testedVisitors"]?["limitValue"]?.int64,
                    users: share["testedUsers"]?["limitValue"]?.int64))
        }
        let (visitors, users) = (plan.included(tested: "testedVisitors"), plan.included(tested: "testedUsers"))
        if visitors != nil || users != nil {
            let accounts = [plan.payer] + (try Account.children(of: plan.payer, from: database))
            limits.append(TestedAllowance.Limit(accounts: accounts, visitors: visitors, users: users))
        }
        return TestedAllowance(
            cycleStart: plan.cycle.start, limits: limits.filter { $0.visitors != nil || $0.users != nil })
    }

    /// Whether an account has tested all that it may.
    /// - Parameter users: whether it is about visitors whom the program knows, or about others.
    func isUsedUp(_ accountID: Int64, users: Bool, at now: Timestamp, from database: Database) throws -> Bool {
        let allowance = try allowance(of: accountID, at: now, in: database)
        return try allowance.limits.contains { limit in
            let used = try usage.tested(
                by: limit.accounts, projectID: nil, since: allowance.cycleStart, from: database)
            return limit.visitors.map { used.visitors >= $0 } ?? false
                || users && limit.users.map { used.users >= $0 } ?? false
        }
    }

    /// Whether a project tests nobody new, by its account's limits or its own.
    func isUsedUp(
        _ project: Project, quota: Int64?, at now: Timestamp, from database: Database
    ) throws -> Bool {
        if let quota, try tested(in: project.id, of: project.accountID, at: now, from: database).visitors >= quota {
            return true
        }
        return try isUsedUp(project.accountID, users: project.type == .fullstack, at: now, from: database)
    }

    /// Whom a project has tested in the cycle.
    func tested(
        in projectID: Int64, of accountID: Int64, at now: Timestamp, from database: Database
    ) throws -> (visitors: Int64, users: Int64) {
        let cycle = try plan(of: accountID, at: now, from: database).cycle
        return try usage.tested(by: [accountID], projectID: projectID, since: cycle.start, from: database)
    }

    /// Has what is served of accounts and those under them be made anew.
    package func raiseRevisions(of accounts: [Int64], in database: Database) throws {
        for account in accounts { try Project.raiseRevisions(accountID: account, in: database) }
    }

    /// What an account has booked takes effect now, and its usage is counted anew.
    /// - Parameters:
    ///   - plans: their ids; of several for one product the last counts.
    ///   - reference: what tells the booking from others: made a second time it changes nothing.
    /// - Throws: ``ExperimentsError`` for one that is not offered, and for an account that belongs to another.
    package func book(
        _ plans: [Int64], for accountID: Int64, reference: String, author: ChangeAuthor, at now: Timestamp,
        in database: Database
    ) throws {
        guard try Account.parentID(of: accountID, from: database) == nil,
            let stored = try Account.settings(of: accountID, from: database)
        else { throw ExperimentsError.conflict("The plan of a sub-account is that of the account that it belongs to.") }
        var document = try JSONValue(stored: stored.settings).object ?? JSONObject()
        var booking = document[Self.booking]?.object ?? JSONObject()
        if (booking["reference"]?.string).hasSameBytes(as: reference) { return }
        booking["reference"] = .string(reference)
        for id in plans {
            guard let plan = offered.plan(id) else {
                throw ExperimentsError.notFound("There is no billing plan \(id).")
            }
            booking[plan.planProduct] = ["plan_id": .integer(id), "since": .integer(now.seconds)]
        }
        document[Self.booking] = .object(booking)
        try Account.store(
            name: stored.name, settings: try StoredDocument.text(.object(document)), of: accountID, in: database)
        let children = try Account.children(of: accountID, from: database)
        try raiseRevisions(of: [accountID] + children, in: database)
        try ChangeLog(accountID: accountID, projectID: nil, author: author, now: now).record(
            "update", "account", id: accountID, old: JSONObject([("billingPlans", .null)]),
            new: JSONObject([("billingPlans", .array(plans.map { .integer($0) }))]), in: database)
    }

    /// As the contract shows whom somebody has tested.
    static func shown(_ used: (visitors: Int64, users: Int64)) -> JSONValue {
        ["used_tested_users": .integer(used.users), "used_tested_visitors": .integer(used.visitors)]
    }

    private func document(_ accountID: Int64, from database: Database) throws -> JSONValue {
        guard let stored = try Account.settings(of: accountID, from: database) else { return .object(JSONObject()) }
        return try JSONValue(stored: stored.settings)
    }
}

/// Who was tested. Answered by the room that tracks visitors.
public protocol TestedUsage: Sendable {
    /// Visitors, and those of them whom the program knows, within a cycle.
    /// - Parameter projectID: the only one; nil for all of the accounts.
    func tested(
        by accounts: [Int64], projectID: Int64?, since cycleStart: Timestamp, from database: Database
    ) throws -> (visitors: Int64, users: Int64)
}

/// Nobody was tested.
public struct NoTestedUsage: TestedUsage {
    public init() {}

    public func tested(
        by accounts: [Int64], projectID: Int64?, since cycleStart: Timestamp, from database: Database
    ) -> (visitors: Int64, users: Int64) { (0, 0) }
}
