import Experiences
import Gateway
import Identity
import JSON
import Resources

/// What visitors did last: `getAccountLiveData`, `getProjectLiveData`.
struct LiveDataController: Sendable {
    let liveData: LiveData
    let access: ProjectAccess

    func addRoutes(to surface: inout SurfaceBuilder<ConvertCaller>) {
        surface.on("getAccountLiveData") { caller, request in
            let accountID = try caller.accountID(request)
            let events = try await liveData.list(
                accountID: accountID, projectIDs: caller.key.projectIDs, request.bodyMembers)
            return .json(["data": .array(events)])
        }
        surface.on("getProjectLiveData") { caller, request in
            let scope = try await access.scope(caller, request)
            return .json(["data": .array(try await liveData.list(scope.project, request.bodyMembers))])
        }
    }
}
