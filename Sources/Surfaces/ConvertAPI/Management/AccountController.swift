import Gateway
import Identity
import JSON
import Projects

/// Accounts: `getAccountsList`, `getAccountDetails`, `updateAccountDetails`, `getBillingPlans`, `BillingPlanSetupUsers`.
struct AccountController: Sendable {
    let accounts: AccountService

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("getAccountsList", allow: .ownAccounts) { callers, _ in
            var shown: [JSONValue] = []
            for caller in callers { shown.append(try await show(caller, include: [])) }
            return .json(["data": .array(shown)])
        }
        surface.on("getAccountDetails", allow: .may(.view(.project), in: .projects)) { caller, request in
            .json(["data": try await show(caller, include: request.names("include"))])
        }
        surface.on("updateAccountDetails", allow: .may(.editAccount, in: .account)) { caller, request in
            try await accounts.update(caller.accountID, request.bodyMembers, author: caller.author)
            return .json(["data": try await show(caller, include: [])])
        }
        // A server of one's own sells no plans.
        surface.on("getBillingPlans", allow: .may(.view(.project), in: .ownAccount)) { _, _ in .json(["data": []]) }
        surface.on("BillingPlanSetupUsers", allow: .may(.viewCollaborators, in: .account)) { caller, _ in
            let users = try await accounts.users(caller.accountID).map { user -> JSONValue in
                ["user_id": .string("\(user.id)"), "email": .string(user.email), "name": .string(user.email)]
            }
            return .json(["data": .array(users)])
        }
    }

    private func show(_ caller: ConvertCaller, include: Set<String>) async throws -> JSONValue {
        try await accounts.get(
            caller.accountID, role: caller.accesses.greatest?.rawValue ?? Role.browse.rawValue,
            projectIDs: caller.projectIDs, include: include)
    }
}
