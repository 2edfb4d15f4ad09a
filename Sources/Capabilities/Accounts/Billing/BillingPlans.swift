public import JSON

/// The plans that the operator offers (contract schema `BillingPlanData`), in their order.
public struct BillingPlans: Sendable {
    /// Of a list, in bytes.
    public static let mostBytes = 1_024 * 1_024

    private static let contracts = ["pay_as_you_go", "year"]
    private static let products = ["experiences", "deploy", "addons"]
    private static let counted = ["testedUsers", "testedVisitors"]
    /// The limits that mean something here.
    private static let enforced = ["environments", "testedUsers", "testedVisitors"]
    private static let members = [
        "id", "name", "price", "billingCycleDuration", "contract", "product", "usage_limit_by", "usageLimits",
        "availableFeaturesNiceNames",
    ]

    /// As callers see them.
    public let shown: [JSONValue]
    /// The one of accounts that have booked none (member `default`); nil where these use what they like.
    public let standard: Int64?
    private let cycles: [Int64: String]

    /// None.
    public init() {
        shown = []
        standard = nil
        cycles = [:]
    }

    /// - Parameter bytes: a JSON array of plans, each with `id`, `name` and `billingCycleDuration` at least.
    /// - Throws: ``BillingPlansError`` for the first that is none.
    public init(parsing bytes: [UInt8]) throws(BillingPlansError) {
        guard bytes.count <= Self.mostBytes, let list = (try? JSONValue(parsing: bytes))?.array else {
            throw BillingPlansError("it must be a JSON array of plans, of 1 MB at most")
        }
        var shown: [JSONValue] = []
        var cycles: [Int64: String] = [:]
        var standard: Int64?
        for (index, plan) in list.enumerated() {
            func require(_ isRight: Bool, _ member: String, _ meaning: String) throws(BillingPlansError) {
                if !isRight { throw BillingPlansError("[\(index)].\(member) must be \(meaning)") }
            }
            let id = plan["id"]?.int64 ?? 0
            try require(id > 0 && cycles[id] == nil, "id", "a whole number above 0 that no other plan has")
            try require(plan["name"]?.string?.isEmpty == false, "name", "a text that is not empty")
            let cycle = plan["billingCycleDuration"]?.string ?? ""
            try require(Self.isCycle(cycle), "billingCycleDuration", "a number of months or years, such as 1M or 2Y")
            try require(plan["price"].map { ($0.double ?? -1) >= 0 } ?? true, "price", "a number that is not negative")
            try require(Self.isOne(plan["contract"], of: Self.contracts), "contract", "pay_as_you_go or year")
            try require(Self.isOne(plan["product"], of: Self.products), "product", "experiences, deploy or addons")
            try require(plan["usageLimits"].map { $0.object != nil } ?? true, "usageLimits", "an object")
            try require(
                Self.isOne(plan["usage_limit_by"], of: Self.counted), "usage_limit_by", "testedUsers or testedVisitors")
            for name in Self.enforced {
                try require(
                    Self.isLimit(plan["usageLimits"]?[name]), "usageLimits.\(name).limitValue",
                    "a whole number that is not negative, or unlimited")
            }
            if plan["default"]?.bool ?? false {
                try require(
                    standard == nil && Self.isOne(plan["product"] ?? "experiences", of: ["experiences"]), "default",
                    "true of one plan for experiences at most")
                standard = id
            }
            cycles[id] = cycle
            let kept = Self.members.compactMap { name in plan[name].map { (name, $0) } }
            shown.append(.object(JSONObject(kept)))
        }
        self.shown = shown
        self.standard = standard
        self.cycles = cycles
    }

    /// Plans that are paid together.
    /// - Throws: ``BillingPlansError`` for one that there is not, or when they are not paid at the same times.
    public func check(_ ids: [Int64]) throws(BillingPlansError) {
        var cycle: String?
        for id in ids {
            guard let own = cycles[id] else { throw BillingPlansError("there is no billing plan \(id)") }
            guard cycle == nil || cycle == own else {
                throw BillingPlansError("plans that are paid together need the same billingCycleDuration")
            }
            cycle = own
        }
    }

    /// `XM` or `XY` with X from 1 to 999.
    private static func isCycle(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let number = bytes.dropLast()
        return (bytes.last == UInt8(ascii: "M") || bytes.last == UInt8(ascii: "Y")) && (1...3).contains(number.count)
            && number.first != UInt8(ascii: "0")
            && number.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func isLimit(_ limit: JSONValue?) -> Bool {
        guard let limit else { return true }
        if let number = limit["limitValue"]?.int64 { return number >= 0 }
        return limit["limitValue"]?.string == "unlimited"
    }

    private static func isOne(_ value: JSONValue?, of names: [String]) -> Bool {
        guard let value else { return true }
        return value.string.map(names.contains) ?? false
    }
}

/// What is wrong with plans.
public struct BillingPlansError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
