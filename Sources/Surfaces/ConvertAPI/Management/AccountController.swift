import Gateway
import Identity
import JSON
import Projects

/// Accounts: `getAccountsList`, `getAccountDetails`, `updateAccountDetails`, `getBillingPlans`, `BillingPlanSetupUsers`.
struct AccountController: Sendable {
    let accounts: AccountService

    func addRoutes(to surface: inout SurfaceBuilder<ConvertCaller>) {
        surface.on("getAccountsList") { caller, _ in
            .json(["data": [try await show(caller, include: [])]])
        }
        surface.on("getAccountDetails") { caller, request in
            _ = try caller.accountID(request)
            return .json(["data": try await show(caller, include: request.names("include"))])
        }
        surface.on("updateAccountDetails") { caller, request in
            let id = try caller.accountID(request)
            try caller.requireAccountManagement()
            try await accounts.update(id, request.bodyMembers, author: caller.author(request))
            return .json(["data": try await show(caller, include: [])])
        }
        // A server of one's own sells no plans.
        surface.on("getBillingPlans") { _, _ in .json(["data": []]) }
        surface.on("BillingPlanSetupUsers") { caller, request in
            let id = try caller.accountID(request)
            try caller.requireAccountManagement()
            return .json(["data": .array(try await accounts.users(id))])
        }
    }

    private func show(_ caller: ConvertCaller, include: Set<String>) async throws -> JSONValue {
        try await accounts.get(
            caller.key.accountID, role: caller.key.role.rawValue, projectIDs: caller.key.projectIDs, include: include)
    }
}
