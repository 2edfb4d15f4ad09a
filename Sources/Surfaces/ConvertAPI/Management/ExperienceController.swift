import Experiences
import Gateway
import HTTPTypes
import Identity
import JSON
import Resources
import Time

/// What experiences can do besides what every resource can: `getExperience`, `cloneExperience`, `getReportToken`,
/// `getExperienceLiveData`, `getExperienceHistory`, `updateExperienceVariation`, `deleteExperienceVariation`,
/// `convertExperienceVariation`, `getExperienceChange`, `updateExperienceChange`,
/// `getAccountActiveCompletedExperiencesList`.
struct ExperienceController: Sendable {
    let experiences: ExperienceService
    let resources: ResourceService
    let reportTokens: ReportTokenStore
    let history: ChangeHistory
    let liveData: LiveData

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("getExperience", allow: .may(.view(.experience), in: .project).or(.reportToken)) { scope, request in
            .json(
                try await resources.get(
                    .experiences, .id(request.pathID("experience_id")), include: request.names("include"),
                    expand: request.names("expand"), scope))
        }
        surface.on("cloneExperience", allow: .may(.clone(.experience), in: .project)) { scope, request in
            let copy = try await experiences.clone(
                request.pathID("experience_id"), name: request.bodyMembers["name"]?.string,
                include: request.names("include"), expand: request.names("expand"), scope)
            return .json(copy, status: .created)
        }
        surface.on("getReportToken", allow: .may(.shareReport, in: .project), reportToken)
        surface.on("getExperienceLiveData", allow: .may(.viewExperienceLiveData, in: .project)) { scope, request in
            let id = try await found(scope, request)
            let query = try LiveDataQuery(request.bodyMembers, experienceID: id)
            let events = try await liveData.list(scope.project, query.filter, naming: query.names)
            return .json(["data": .array(query.show(events))])
        }
        surface.on("getExperienceHistory", allow: .may(.viewExperienceHistory, in: .project)) { scope, request in
            let id = try await found(scope, request)
            return .page(try await history.list(scope.project, experienceID: id, ListRequest(request.bodyMembers)))
        }
        surface.on("updateExperienceVariation", allow: .may(.edit(.experience), in: .project)) { scope, request in
            return .json(
                try await experiences.updateVariation(
                    request.pathID("variation_id"), of: request.pathID("experience_id"), request.bodyMembers, scope))
        }
        surface.on("deleteExperienceVariation", allow: .may(.edit(.experience), in: .project)) { scope, request in
            let id = try request.pathID("variation_id")
            try await experiences.deleteVariation(id, of: request.pathID("experience_id"), scope)
            return .success("The variation \(id) is deleted.")
        }
        surface.on("convertExperienceVariation", allow: .may(.add(.experience), in: .project)) { scope, request in
            let made = try await experiences.convert(
                request.pathID("variation_id"), of: request.pathID("experience_id"),
                to: request.bodyMembers["experience_type"]?.string ?? "", scope)
            return .json(made)
        }
        surface.on("getExperienceChange", allow: .may(.view(.experience), in: .project)) { scope, request in
            return .json(
                try await experiences.change(
                    request.pathID("change_id"), of: request.pathID("experience_id"), scope))
        }
        surface.on("updateExperienceChange", allow: .may(.edit(.experience), in: .project)) { scope, request in
            return .json(
                try await experiences.updateChange(
                    request.pathID("change_id"), of: request.pathID("experience_id"), request.bodyMembers, scope))
        }
        surface.on("getAccountActiveCompletedExperiencesList", allow: .may(.view(.experience), in: .projects)) {
            caller, request in
            .page(
                try await experiences.list(
                    accountID: caller.accountID, projectIDs: caller.projectIDs, request.bodyMembers))
        }
    }

    /// The experience of the address.
    /// - Throws: 404 when the project has none of this id.
    private func found(_ scope: ResourceScope, _ request: OperationRequest) async throws -> Int64 {
        let id = try request.pathID("experience_id")
        _ = try await resources.get(.experiences, .id(id), include: [], expand: [], scope)
        return id
    }

    private func reportToken(_ scope: ResourceScope, _ request: OperationRequest) async throws -> OperationResponse {
        let id = try await found(scope, request)
        let body = try request.bodyMembers
        let action = body["token_action"]?.string
        if action == "delete" {
            try await reportTokens.delete(experienceID: id)
            return .json(["id": .integer(id)])
        }
        let token = try await reportTokens.token(
            experienceID: id, hours: body["token_expiration"]?.int64, new: action == "regenerate")
        return .json([
            "id": .integer(id), "token": .string(token.value), "expiration": .integer(token.expiresAt.seconds),
        ])
    }
}
