import Gateway
import Identity
import Resources

/// Who changed what: `getAccountHistory`, `getProjectHistory`.
struct HistoryController: Sendable {
    let history: ChangeHistory
    let access: ProjectAccess

    func addRoutes(to surface: inout SurfaceBuilder<ConvertCaller>) {
        surface.on("getAccountHistory") { caller, request in
            let accountID = try caller.accountID(request)
            return .page(
                try await history.list(
                    accountID: accountID, projectIDs: caller.key.projectIDs, ListRequest(request.bodyMembers)))
        }
        surface.on("getProjectHistory") { caller, request in
            let scope = try await access.scope(caller, request)
            return .page(try await history.list(scope.project, ListRequest(request.bodyMembers)))
        }
    }
}
