import ControlStore
import Time

/// Counts whom some requests test, inside the transaction that decides on them: since there is one such transaction at a time, no
/// more are counted than accounts may test.
struct TestedCount {
    private struct Key: Hashable {
        let accountID: Int64
        let projectID: Int64
        let cycleStart: Timestamp
    }

    private let quotas: (any TestedQuotas)?
    private let now: Timestamp
    private let database: Database
    private var known: [Int64: TestedQuota] = [:]
    /// What accounts with a limit have used, these requests included, by their ids.
    private var used: [Int64: TestedVisitors] = [:]
    /// What projects with a quota of their own have used, these requests included, by their ids.
    private var usedOfProject: [Int64: TestedVisitors] = [:]
    private var added: [Key: TestedVisitors] = [:]
    private var usedUp: Set<Int64> = []

    /// - Parameter quotas: nil where nobody counts.
    init(_ quotas: (any TestedQuotas)?, at now: Timestamp, in database: Database) {
        self.quotas = quotas
        self.now = now
        self.database = database
    }

    /// When the cycle began in which visitors of a project are tested now; nil where nobody counts.
    mutating func cycle(of project: TrackedProject) throws -> Timestamp? { try quota(of: project)?.cycleStart }

    /// Whether one more visitor may be tested in a project.
    mutating func isOpen(_ project: TrackedProject) throws -> Bool {
        guard let quota = try quota(of: project) else { return true }
        if let most = project.testedVisitorsQuota {
            let used = try used(of: project, quota)
            if used.visitors >= most { return false }
        }
        return quota.limits.allSatisfy { hasRoom($0, isUser: project.knowsItsVisitors) }
    }

    /// Counts a visitor who was not tested in this cycle before.
    mutating func count(_ project: TrackedProject) throws {
        guard let quota = try quota(of: project) else { return }
        let one = TestedVisitors(visitors: 1, users: project.knowsItsVisitors ? 1 : 0)
        let key = Key(accountID: project.accountID, projectID: project.id, cycleStart: quota.cycleStart)
        added[key, default: TestedVisitors()].add(one)
        used[project.accountID]?.add(one)
        usedOfProject[project.id]?.add(one)
        if try !isOpen(project) {
            usedUp.insert(project.accountID)
            for limit in quota.limits where !hasRoom(limit, isUser: project.knowsItsVisitors) {
                usedUp.formUnion(limit.accounts)
            }
        }
    }

    /// Stores what was counted.
    func save() throws {
        for (key, tested) in added {
            try tested.save(
                accountID: key.accountID, projectID: key.projectID, cycleStart: key.cycleStart, in: database)
        }
        if !usedUp.isEmpty { try quotas?.usedUp(by: usedUp.sorted(), in: database) }
    }

    private func hasRoom(_ limit: TestedQuota.Limit, isUser: Bool) -> Bool {
        var sum = TestedVisitors()
        for account in limit.accounts { sum.add(used[account] ?? TestedVisitors()) }
        return limit.visitors.map { sum.visitors < $0 } ?? true
            && (!isUser || limit.users.map { sum.users < $0 } ?? true)
    }

    private mutating func quota(of project: TrackedProject) throws -> TestedQuota? {
        guard let quotas, project.accountID > 0 else { return nil }
        if let quota = known[project.accountID] { return quota }
        let quota = try quotas.quota(of: project.accountID, at: now, in: database)
        known[project.accountID] = quota
        let unread = Set(quota.limits.flatMap(\.accounts)).subtracting(used.keys)
        if !unread.isEmpty {
            let found = try TestedVisitors.fetch(
                by: unread.sorted(), projectID: nil, since: quota.cycleStart, from: database)
            for account in unread { used[account] = found[account] ?? TestedVisitors() }
        }
        return quota
    }

    private mutating func used(of project: TrackedProject, _ quota: TestedQuota) throws -> TestedVisitors {
        if let used = usedOfProject[project.id] { return used }
        let found = try TestedVisitors.fetch(
            by: [project.accountID], projectID: project.id, since: quota.cycleStart, from: database)
        let used = found[project.accountID] ?? TestedVisitors()
        usedOfProject[project.id] = used
        return used
    }
}
