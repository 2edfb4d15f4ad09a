import JSON
import Resources

/// What an account may use of things, as its document has it (contract member `usageLimits` of a plan).
enum UsageLimits {
    private static let names = [
        "domains", "goals", "deploys", "projects", "segments", "pageViews", "testedVisitors", "testedUsers",
        "environments",
    ]

    static func plan(of account: JSONValue) -> JSONValue? { account["billing"]?["products"]?["experiences"]?["plan"] }

    static func of(_ account: JSONValue) -> JSONValue? { plan(of: account)?["usageLimits"] }

    /// - Parameters:
    ///   - limits: of a sub-account.
    ///   - parent: what it may not exceed; what is missing there is unlimited.
    /// - Throws: `ExperimentsError` that names the limit.
    static func check(_ limits: JSONValue?, within parent: JSONValue?) throws(ExperimentsError) {
        for name in names {
            guard let limit = limits?[name]?["limitValue"] else { continue }
            let field = "billing.products.experiences.plan.usageLimits.\(name).limitValue"
            if let count = limit.int64, count < 0 { throw .invalid(field, "\(field) must not be negative.") }
            guard let most = parent?[name]?["limitValue"]?.int64 else { continue }
            guard let count = limit.int64, count <= most else {
                throw .invalid(field, "\(field) may not exceed that of the parent account: \(most).")
            }
        }
    }
}
