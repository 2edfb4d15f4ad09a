public import ControlStore
import Identity
public import JSON
import ProjectDocuments
public import Resources
public import Time

/// Accounts as programs see them: name, settings, billing address, and what is in use (contract schema `MainAccount`).
///
/// Where the operator offers no plans, and where an account has none, nothing is limited.
public struct AccountService: Sendable {
    private let store: ControlStore
    private let clock: WallClock
    private let plans: AccountPlans

    /// - Parameter plans: what accounts may use.
    public init(store: ControlStore, clock: WallClock, plans: AccountPlans = AccountPlans()) {
        self.store = store
        self.clock = clock
        self.plans = plans
    }

    /// - Parameters:
    ///   - role: what the caller may do in it.
    ///   - projectIDs: the projects that the caller may use; nil for all. With a limit, statistics are about these, and
    ///     the billing address is left out.
    ///   - include: `stats`.
    public func get(
        _ id: Int64, role: String, projectIDs: Set<Int64>?, include: Set<String>
    ) async throws -> JSONValue {
        let now = clock.now
        return try await store.read { database in
            var account = try show(id, at: now, from: database)
            account["accessRole"] = .string(role)
            account["access_all_projects"] = .bool(projectIDs == nil)
            if projectIDs != nil {
                for field in Self.addressFields { account["billing"]?["details"]?[field] = nil }
            }
            if include.contains("stats") {
                account["stats"] = try statistics(of: id, projectIDs, at: now, from: database)
            }
            return account
        }
    }

    /// What people call an account.
    /// - Throws: ``ExperimentsError/notFound(_:)``.
    public func name(of id: Int64) async throws -> String {
        try await store.read { try Self.stored(id, from: $0).name }
    }

    /// The people who belong to an account, oldest first.
    public func users(_ id: Int64) async throws -> [(id: Int64, email: String)] {
        try await store.read { try Account.users(of: id, from: $0) }
    }

    /// The accounts that belong to one, as those see them who run it: without what is in them.
    public func subAccounts(of id: Int64) async throws -> [JSONValue] {
        let now = clock.now
        return try await store.read { database in
            try Account.children(of: id, from: database).map { try show($0, at: now, from: database) }
        }
    }

    /// Changes the members that the body has: name, settings, billing address.
    public func update(_ id: Int64, _ body: JSONObject, author: ChangeAuthor) async throws {
        let now = clock.now
        try await store.write { database in
            let before = try show(id, at: now, from: database).object ?? JSONObject()
            let name = body["name"]?.string ?? before["name"]?.string ?? ""
            guard name.contains(where: { !$0.isWhitespace }) else {
                throw ExperimentsError.invalid("name", "name must not be empty.")
            }
            try BlockedAddresses.check(AccountDocument(body).blockedIPs, in: "settings")
            let isMain = try Account.parentID(of: id, from: database) == nil
            let settings = try Self.stored(id, from: database).document.merged(
                with: Self.kept(of: body, isMain: isMain))
            try Account.store(name: name, settings: try StoredDocument.text(settings), of: id, in: database)
            let after = try show(id, at: now, from: database).object ?? JSONObject()
            guard let changes = ChangeLog.difference(before, after) else { return }
            if AccountDocument(before).blockedIPs != AccountDocument(after).blockedIPs {
                // They hold in all projects.
                try Project.raiseRevisions(accountID: id, in: database)
            }
            if Self.isCharged(before) != Self.isCharged(after) {
                // Whether there is an end to what may be tested.
                try plans.raiseRevisions(of: [id] + Account.children(of: id, from: database), in: database)
            }
            try ChangeLog(accountID: id, projectID: nil, author: author, now: now).record(
                "update", "account", id: id, old: changes.old, new: changes.new, in: database)
        }
    }

    private static let addressFields = [
        "company", "tax_code", "phone", "address_street", "address_city", "address_zip", "address_state",
        "address_country", "emails",
    ]

    /// The members of a body that are stored.
    private static func kept(of body: JSONObject, isMain: Bool) -> JSONValue {
        var kept = JSONValue.object(JSONObject())
        let settings = ["blocked_ips", "setup_plan", "tracking_script"].compactMap { name in
            body["settings"]?[name].map { (name, $0) }
        }
        if !settings.isEmpty { kept["settings"] = .object(JSONObject(settings)) }
        let details = addressFields.compactMap { name in body["billing"]?["details"]?[name].map { (name, $0) } }
        if !details.isEmpty { kept["billing"] = ["details": .object(JSONObject(details))] }
        if isMain, let charged = body["billing"]?["settings"]?["overQuota_charges"], charged.bool != nil {
            kept = kept.merged(with: ["billing": ["settings": ["overQuota_charges": charged]]])
        }
        return kept
    }

    private static func isCharged(_ account: JSONObject) -> Bool? {
        account["billing"]?["settings"]?["overQuota_charges"]?.bool
    }

    /// What applies to all projects of the account (contract member `blocked_ips`).
    static func blockedAddresses(_ id: Int64, from database: Database) throws -> BlockedIPs? {
        AccountDocument(try stored(id, from: database).document).blockedIPs
    }

    private static func stored(
        _ id: Int64, from database: Database
    ) throws -> (name: String, document: JSONValue) {
        guard let stored = try Account.settings(of: id, from: database) else {
            throw ExperimentsError.notFound("There is no account \(id).")
        }
        return (stored.name, try JSONValue(stored: stored.settings))
    }

    private func show(_ id: Int64, at now: Timestamp, from database: Database) throws -> JSONValue {
        var (name, document) = try Self.stored(id, from: database)
        let booking = document[AccountPlans.booking]
        document[AccountPlans.booking] = nil
        let account: JSONValue = ["id": .integer(id), "accountType": "main", "name": .string(name)]
        guard let parent = try Account.parentID(of: id, from: database) else {
            let billing = try billing(of: id, booking, at: now, from: database)
            return account.merged(with: billing).merged(with: ["settings": ["single_sign_on_status": "disabled"]])
                .merged(with: document)
        }
        let sub: JSONValue = [
            "accountType": "sub", "parentAccountId": .integer(parent),
            "billing": ["products": ["experiences": ["plan": .null], "deploy": ["plan": .null]]],
        ]
        return account.merged(with: sub).merged(with: document)
    }

    /// The plan, and what has come of it.
    private func billing(
        of id: Int64, _ booking: JSONValue?, at now: Timestamp, from database: Database
    ) throws -> JSONValue {
        let plan = try plans.plan(of: id, at: now, from: database)
        let isUsedUp = try plans.isUsedUp(id, users: true, at: now, from: database)
        func booked(_ product: String) -> JSONValue {
            booking?[product]?["plan_id"]?.int64.flatMap { plans.offered.plan($0) } ?? .null
        }
        let addon = booked("addons")
        var shown: JSONValue = [
            "billing": [
                "id": .null, "contract": .null,
                "details": [
                    "isPausedByQuota": .bool(isUsedUp), "pending_cancellation": false, "billingType": "paid",
                    "currentBillingCycleStart": .integer(plan.cycle.start.seconds),
                    "nextBillingCycleStart": .integer(plan.cycle.end.seconds),
                ],
                "settings": ["overQuota_charges": .bool(plan.plan == nil), "subscription_paused_until": .null],
                "products": [
                    "experiences": ["plan": plan.plan ?? .null], "deploy": ["plan": booked("deploy")],
                    "addons": addon == .null ? .array([]) : .array([["plan": addon, "quantity": 1]]),
                ],
            ]
        ]
        if let plan = plan.plan {
            let members = ["usage_limit_by", "availableFeaturesNiceNames", "usageLimits"].compactMap { name in
                plan[name].map { (name, $0) }
            }
            shown["limitsAndCapabilities"] = .object(JSONObject(members))
        }
        return shown
    }

    private func statistics(
        of id: Int64, _ projectIDs: Set<Int64>?, at now: Timestamp, from database: Database
    ) throws -> JSONValue {
        let projects = try database.rows(
            sql: "SELECT id, status FROM projects WHERE account_id = ?", arguments: [id]
        ).map { try (id: $0.read("id", as: Int64.self), isActive: $0.read("status", as: String.self) == "active") }
            .filter { projectIDs?.contains($0.id) ?? true }
        let all = projects.map(\.id)
        let active = projects.filter(\.isActive).map(\.id)
        func count(_ count: ResourceCount) throws -> JSONValue { .integer(try count.total(in: all, from: database)) }
        let since = try plans.plan(of: id, at: now, from: database).cycle.start
        var used = (visitors: Int64(0), users: Int64(0))
        if projectIDs == nil {
            used = try plans.usage.tested(by: [id], projectID: nil, since: since, from: database)
        } else {
            for project in all {
                let own = try plans.usage.tested(by: [id], projectID: project, since: since, from: database)
                used = (used.visitors.addingSaturating(own.visitors), used.users.addingSaturating(own.users))
            }
        }
        var statistics: JSONValue = [
            "active_projects_count": .integer(Int64(active.count)),
            "active_domains_count": .integer(try ResourceCount(.domain).names(in: active, from: database)),
            "active_deploys_count": try count(ResourceCount(.experience, status: "active", types: .only("deploy"))),
            "experiences_count": try count(ResourceCount(.experience)),
            "active_experiences_count": try count(ResourceCount(.experience, status: "active")),
            "usage": AccountPlans.shown(used),
        ]
        let children = try Account.children(of: id, from: database)
        if projectIDs == nil, !children.isEmpty {
            let theirs = try plans.usage.tested(by: children, projectID: nil, since: since, from: database)
            statistics["subAccounts_usage"] = AccountPlans.shown(theirs)
        }
        return statistics
    }
}
