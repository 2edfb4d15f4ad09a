import Experiences
import Gateway
import Identity
import JSON
import Resources

/// What visitors did last: `getAccountLiveData`, `getProjectLiveData`.
struct LiveDataController: Sendable {
    let liveData: LiveData

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("getAccountLiveData", allow: .look(.account)) { caller, request in
            let events = try await liveData.list(
                accountID: caller.accountID, projectIDs: caller.projectIDs, request.bodyMembers)
            return .json(["data": .array(events)])
        }
        surface.on("getProjectLiveData", allow: .look(.project)) { scope, request in
            return .json(["data": .array(try await liveData.list(scope.project, request.bodyMembers))])
        }
    }
}
