import Gateway
import Identity
import JSON
import Projects

/// Accounts: `getAccountsList`, `getAccountDetails`, `updateAccountDetails`, `BillingPlanSetupUsers`, `createSubAccount`.
struct AccountController: Sendable {
    let accounts: AccountService
    let subAccounts: SubAccountService

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("getAccountsList", allow: .ownAccounts) { callers, _ in
            var shown: [JSONValue] = []
            for caller in callers { shown.append(try await show(caller, include: [])) }
            // Who runs an account knows of those under it, whoever works in them. A key sees its own only.
            let own = Set(callers.map(\.accountID))
            for caller in callers where caller.userID != nil && caller.accesses.everywhere?.may(.editAccount) ?? false {
                shown += try await accounts.subAccounts(of: caller.accountID).filter { account in
                    account["id"]?.int64.map { !own.contains($0) } ?? false
                }
            }
            return .json(["data": .array(shown)])
        }
        surface.on("getAccountDetails", allow: .may(.view(.project), in: .projects)) { caller, request in
            .json(["data": try await show(caller, include: request.names("include"))])
        }
        surface.on("updateAccountDetails", allow: .may(.editAccount, in: .account)) { caller, request in
            try await accounts.update(caller.accountID, request.bodyMembers, author: caller.author)
            return .json(["data": try await show(caller, include: [])])
        }
        surface.on("createSubAccount", allow: .may(.editAccount, in: .account)) { caller, request in
            let id = try await subAccounts.create(
                request.bodyMembers, parentID: caller.accountID, author: caller.author)
            let made = try await accounts.subAccounts(of: caller.accountID).first { $0["id"]?.int64 == id }
            return .json(["data": made ?? .null])
        }
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
