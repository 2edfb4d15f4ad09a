public import JSON

/// The plans that the operator offers (contract schema `BillingPlanData`).
public struct OfferedPlans: Sendable {
    private let plans: [Int64: JSONValue]
    /// The one of accounts that have booked none; nil where these use what they like.
    private let standard: Int64?

    /// None: nothing is limited.
    public init() { self.init([]) }

    /// - Parameters:
    ///   - plans: each with an `id` of its own.
    ///   - standard: the id of the one of accounts that have booked none; nil where these use what they like.
    public init(_ plans: [JSONValue], standard: Int64? = nil) {
        self.plans = plans.reduce(into: [:]) { byID, plan in
            if let id = plan["id"]?.int64 { byID[id] = plan }
        }
        self.standard = standard
    }

    /// Nil for one that is not offered, or is no more: it limits nothing.
    func plan(_ id: Int64) -> JSONValue? { plans[id] }

    /// Whether nothing is offered.
    var isEmpty: Bool { plans.isEmpty }

    /// The plan of accounts that have booked none.
    var standardPlan: JSONValue? { standard.flatMap { plans[$0] } }
}

extension JSONValue {
    /// Of a plan: the product that it is for.
    var planProduct: String { self["product"]?.string ?? "experiences" }

    /// Of a plan: the months of a cycle (`1M`, `2Y`); 1 where it does not say.
    var cycleMonths: Int {
        guard let text = self["billingCycleDuration"]?.string, let number = Int(text.dropLast()) else { return 1 }
        return text.utf8.last == UInt8(ascii: "Y") ? number.multipliedReportingOverflow(by: 12).partialValue : number
    }
}
