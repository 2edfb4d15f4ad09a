import ControlStore
import ExperimentsTestSupport
import Identity
import JSON
import Resources
import TestSupport
import Testing
import Time

@testable import Projects

@Suite struct AccountPlansTests {
    private static let now = Timestamp(seconds: 1_750_000_000)
    private static let author = ChangeAuthor(name: "operator", method: .app, requestID: nil)

    /// So many visitors everywhere.
    private struct Used: TestedUsage {
        let visitors: Int64
        let users: Int64

        func tested(
            by accounts: [Int64], projectID: Int64?, since cycleStart: Timestamp, from database: Database
        ) -> (visitors: Int64, users: Int64) { (visitors, users) }
    }

    private static let plans: [JSONValue] = [
        [
            "id": 1,
            "usageLimits": [
                "environments": ["limitValue": 2], "testedUsers": ["limitValue": 5],
                "testedVisitors": ["limitValue": 9],
            ],
        ],
        ["id": 2, "billingCycleDuration": "1Y", "usageLimits": ["testedUsers": ["limitValue": "unlimited"]]],
        [
            "id": 3, "usage_limit_by": "testedVisitors",
            "usageLimits": ["testedUsers": ["limitValue": 1], "testedVisitors": ["limitValue": 7]],
        ],
        [
            "id": 4,
            "usageLimits": [
                "testedUsers": ["limitValue": 5, "overLimitCostPerUnit": 1], "testedVisitors": ["limitValue": 9],
            ],
        ],
        ["id": 5, "product": "deploy"],
    ]

    private let rig: ExperimentsRig

    init() throws { rig = try ExperimentsRig() }

    private func plans(_ standard: Int64? = nil, visitors: Int64 = 0, users: Int64 = 0) -> AccountPlans {
        AccountPlans(OfferedPlans(Self.plans, standard: standard), usage: Used(visitors: visitors, users: users))
    }

    private func set(_ document: String) async throws {
        try await rig.store.write { try Account.store(name: "a", settings: document, of: 1, in: $0) }
    }

    private func limits(_ plans: AccountPlans, of account: Int64 = 1) async throws -> [TestedAllowance.Limit] {
        try await rig.store.read { try plans.allowance(of: account, at: Self.now, in: $0) }.limits
    }

    @Test func withoutAPlanThereIsNoLimit() async throws {
        #expect(try await limits(plans()) == [])
        let limit = try await rig.store.read { try plans().environmentLimit(accountID: 1, at: Self.now, in: $0) }
        #expect(limit == nil)
        #expect(try await limits(plans(2)) == [])
        // One that is gone from the list.
        try await set(#"{"booking": {"experiences": {"plan_id": 99, "since": 0}}}"#)
        #expect(try await limits(plans(1)) == [])
    }

    @Test(arguments: [(1, 9, 5), (3, 7, nil), (4, 9, 5)] as [(Int64, Int64?, Int64?)])
    func limitsArePlans(_ plan: Int64, _ visitors: Int64?, _ users: Int64?) async throws {
        let limit = TestedAllowance.Limit(accounts: [1], visitors: visitors, users: users)
        #expect(try await limits(plans(plan)) == [limit])
    }

    @Test func whatIsChargedHasNoEnd() async throws {
        try await set(#"{"billing": {"settings": {"overQuota_charges": true}}}"#)
        #expect(try await limits(plans(4)) == [TestedAllowance.Limit(accounts: [1], visitors: 9, users: nil)])
        #expect(try await limits(plans(1)) == [TestedAllowance.Limit(accounts: [1], visitors: 9, users: 5)])
    }

    @Test func subAccountsHaveTheirShareOfTheWhole() async throws {
        let share = """
            {"billing": {"products": {"experiences": {"plan": {"usageLimits": {
            "testedUsers": {"limitValue": 2}, "testedVisitors": {"limitValue": "unlimited"}, "environments": {"limitValue": 1}
            }}}}}}
            """
        let sub = try await rig.store.write {
            try Account.add(name: "sub", parentID: 1, settings: share, at: Self.now, in: $0)
        }
        let whole = TestedAllowance.Limit(accounts: [1, sub], visitors: 9, users: 5)
        #expect(try await limits(plans(1)) == [whole])
        let own = TestedAllowance.Limit(accounts: [sub], visitors: nil, users: 2)
        #expect(try await limits(plans(1), of: sub) == [own, whole])
        let limits = try await rig.store.read { database in
            try [1, sub].map { try plans(1).environmentLimit(accountID: $0, at: Self.now, in: database) }
        }
        #expect(limits == [2, 1])
    }

    @Test func usedUpIsAtTheLimit() async throws {
        for (visitors, users, web, code) in [
            (8, 4, false, false), (9, 0, true, true), (8, 5, false, true), (10, 6, true, true),
        ] as [(Int64, Int64, Bool, Bool)] {
            let plans = plans(1, visitors: visitors, users: users)
            let found = try await rig.store.read { database in
                try [false, true].map { try plans.isUsedUp(1, users: $0, at: Self.now, from: database) }
            }
            #expect(found == [web, code])
        }
    }

    @Test func aBookingIsMadeOnce() async throws {
        let plans = plans(1)
        func book(_ ids: [Int64], _ reference: String, at time: Timestamp) async throws {
            try await rig.store.write {
                try plans.book(ids, for: 1, reference: reference, author: Self.author, at: time, in: $0)
            }
        }
        func found() async throws -> AccountPlan {
            try await rig.store.read { try plans.plan(of: 1, at: Self.now, from: $0) }
        }
        try await book([5, 2], "e\u{301}", at: Self.now)
        try await book([3], "e\u{301}", at: Self.now)
        var plan = try await found()
        #expect(plan.plan?["id"] == 2 && plan.cycle.end.seconds - plan.cycle.start.seconds == 365 * 86_400)
        // Another reference, if only by its bytes.
        try await book([3], "\u{E9}", at: Self.now)
        plan = try await found()
        #expect(plan.plan?["id"] == 3)
        await #expect(throws: ExperimentsError.self) { try await book([99], "x", at: Self.now) }
        let account = try await AccountService(store: rig.store, clock: rig.hand.clock, plans: plans)
            .get(1, role: "owner", projectIDs: nil, include: [])
        #expect(account["billing"]?["products"]?["deploy"]?["plan"]?["id"] == 5 && account["booking"] == nil)
        #expect(account["limitsAndCapabilities"]?["usage_limit_by"] == "testedVisitors")
    }
}
