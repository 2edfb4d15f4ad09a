import Experiences
import Gateway
import Identity
import JSON
import Resources

/// What visitors did last: `getAccountLiveData`, `getProjectLiveData`.
struct LiveDataController: Sendable {
    let liveData: LiveData

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("getAccountLiveData", allow: .may(.viewAccountLiveData, in: .projects)) { caller, request in
            let query = try LiveDataQuery(request.bodyMembers)
            let events = try await liveData.list(
                accountID: caller.accountID, projectIDs: caller.projectIDs, wanted: query.projects, query.filter,
                naming: query.names)
            return .json(["data": .array(query.show(events))])
        }
        surface.on("getProjectLiveData", allow: .may(.viewProjectLiveData, in: .project)) { scope, request in
            let query = try LiveDataQuery(request.bodyMembers)
            let events = try await liveData.list(scope.project, query.filter, naming: query.names)
            return .json(["data": .array(query.show(events))])
        }
    }
}
