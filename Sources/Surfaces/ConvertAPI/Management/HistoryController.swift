import Gateway
import Identity
import Resources

/// Who changed what: `getAccountHistory`, `getProjectHistory`.
struct HistoryController: Sendable {
    let history: ChangeHistory

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("getAccountHistory", allow: .may(.viewAccountHistory, in: .projects)) { caller, request in
            let seesPeople = caller.accesses.everywhere?.may(.viewCollaborators) ?? false
            return .page(
                try await history.list(
                    accountID: caller.accountID, projectIDs: caller.projectIDs,
                    hiding: seesPeople ? nil : "collaborator", ListRequest(request.bodyMembers)))
        }
        surface.on("getProjectHistory", allow: .may(.viewProjectHistory, in: .project)) { scope, request in
            return .page(try await history.list(scope.project, ListRequest(request.bodyMembers)))
        }
    }
}
