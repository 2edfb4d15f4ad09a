import JSON
import Testing

@testable import Billing

struct BillingPlansTests {
    private func plans(_ text: String) throws -> BillingPlans { try BillingPlans(parsing: Array(text.utf8)) }

    @Test(arguments: [
        "", "{}", "[1]", #"[{"id": 1, "name": "a"}]"#, #"[{"id": 0, "name": "a", "billingCycleDuration": "1M"}]"#,
        #"[{"id": "1", "name": "a", "billingCycleDuration": "1M"}]"#,
        #"[{"id": 1, "name": "", "billingCycleDuration": "1M"}]"#,
        #"[{"id": 1, "name": "a", "billingCycleDuration": "M"}]"#,
        #"[{"id": 1, "name": "a", "billingCycleDuration": "0M"}]"#,
        #"[{"id": 1, "name": "a", "billingCycleDuration": "1D"}]"#,
        #"[{"id": 1, "name": "a", "billingCycleDuration": "1M", "price": -1}]"#,
        #"[{"id": 1, "name": "a", "billingCycleDuration": "1M", "contract": "week"}]"#,
        #"[{"id": 1, "name": "a", "billingCycleDuration": "1M", "usageLimits": []}]"#,
        #"[{"id": 1, "name": "a", "billingCycleDuration": "1M"}, {"id": 1, "name": "b", "billingCycleDuration": "1M"}]"#,
        #"[{"id": 1, "name": "a", "billingCycleDuration": "1M", "usage_limit_by": "visitors"}]"#,
        #"[{"id": 1, "name": "a", "billingCycleDuration": "1M", "usageLimits": {"environments": {"limitValue": -1}}}]"#,
        #"[{"id": 1, "name": "a", "billingCycleDuration": "1M", "usageLimits": {"testedUsers": {"limitValue": 1.5}}}]"#,
        #"[{"id": 1, "name": "a", "billingCycleDuration": "1M", "usageLimits": {"testedVisitors": 5}}]"#,
        #"[{"id": 1, "name": "a", "billingCycleDuration": "1M", "default": true, "product": "deploy"}]"#,
        """
        [{"id": 1, "name": "a", "billingCycleDuration": "1M", "default": true},
         {"id": 2, "name": "b", "billingCycleDuration": "1M", "default": true}]
        """,
    ]) func `what is no list of plans is told`(text: String) {
        #expect(throws: BillingPlansError.self) { try plans(text) }
    }

    @Test func `the plan of those who have booked none is not shown as such`() throws {
        let plans = try plans(
            """
            [{"id": 1, "name": "a", "billingCycleDuration": "1M"},
             {"id": 2, "name": "b", "billingCycleDuration": "1M", "default": true,
              "usageLimits": {"testedUsers": {"limitValue": "unlimited"}, "environments": {"limitValue": 0}}}]
            """)
        #expect(plans.standard == 2 && plans.shown.count == 2)
        #expect(plans.shown[1]["default"] == nil)
    }

    @Test func `plans that are paid together are paid at the same times`() throws {
        let plans = try plans(
            #"[{"id": 1, "name": "a", "billingCycleDuration": "1M"}, {"id": 2, "name": "b", "billingCycleDuration": "1Y"}]"#
        )
        try plans.check([])
        try plans.check([1, 1])
        #expect(throws: BillingPlansError.self) { try plans.check([1, 2]) }
        #expect(throws: BillingPlansError.self) { try plans.check([3]) }
    }
}
