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
    let access: ProjectAccess

    func addRoutes(to surface: inout SurfaceBuilder<ConvertCaller>) {
        surface.on("getExperience", alternative: withReportToken) { caller, request in
            try await get(request, access.scope(caller, request))
        }
        surface.on("cloneExperience") { caller, request in
            let scope = try await access.editingScope(caller, request)
            let copy = try await experiences.clone(
                request.pathID("experience_id"), name: request.bodyMembers["name"]?.string,
                include: request.names("include"), expand: request.names("expand"), scope)
            return .json(copy, status: .created)
        }
        surface.on("getReportToken", reportToken)
        surface.on("getExperienceLiveData") { caller, request in
            let (scope, id) = try await found(caller, request)
            return .json(["data": .array(try await liveData.list(scope.project, experienceID: id, request.bodyMembers))]
            )
        }
        surface.on("getExperienceHistory") { caller, request in
            let (scope, id) = try await found(caller, request)
            return .page(try await history.list(scope.project, experienceID: id, ListRequest(request.bodyMembers)))
        }
        surface.on("updateExperienceVariation") { caller, request in
            let scope = try await access.editingScope(caller, request)
            return .json(
                try await experiences.updateVariation(
                    request.pathID("variation_id"), of: request.pathID("experience_id"), request.bodyMembers, scope))
        }
        surface.on("deleteExperienceVariation") { caller, request in
            let scope = try await access.editingScope(caller, request)
            let id = try request.pathID("variation_id")
            try await experiences.deleteVariation(id, of: request.pathID("experience_id"), scope)
            return .success("The variation \(id) is deleted.")
        }
        surface.on("convertExperienceVariation") { caller, request in
            let scope = try await access.editingScope(caller, request)
            let made = try await experiences.convert(
                request.pathID("variation_id"), of: request.pathID("experience_id"),
                to: request.bodyMembers["experience_type"]?.string ?? "", scope)
            return .json(made)
        }
        surface.on("getExperienceChange") { caller, request in
            let scope = try await access.scope(caller, request)
            return .json(
                try await experiences.change(
                    request.pathID("change_id"), of: request.pathID("experience_id"), scope))
        }
        surface.on("updateExperienceChange") { caller, request in
            let scope = try await access.editingScope(caller, request)
            return .json(
                try await experiences.updateChange(
                    request.pathID("change_id"), of: request.pathID("experience_id"), request.bodyMembers, scope))
        }
        surface.on("getAccountActiveCompletedExperiencesList") { caller, request in
            let accountID = try caller.accountID(request)
            return .page(
                try await experiences.list(
                    accountID: accountID, projectIDs: caller.key.projectIDs, request.bodyMembers))
        }
    }

    private func get(_ request: OperationRequest, _ scope: ResourceScope) async throws -> OperationResponse {
        .json(
            try await resources.get(
                .experiences, .id(request.pathID("experience_id")), include: request.names("include"),
                expand: request.names("expand"), scope))
    }

    /// Whoever has an experience's report token may look at that experience, without a key.
    private func withReportToken(_ headers: HTTPFields) -> AlternativeCaller? {
        guard headers[.authorization] == nil, let name = HTTPField.Name("report_token"), let token = headers[name]
        else {
            return nil
        }
        return AlternativeCaller(shareKey: nil) { request in
            let (accountID, projectID) = (try request.pathID("account_id"), try request.pathID("project_id"))
            let id = try request.pathID("experience_id")
            guard try await reportTokens.isValid(token, experienceID: id),
                let project = try await access.projects.project(projectID, accountID: accountID)
            else {
                throw APIError(.unauthorized, "The report token is not valid for this experience, or has expired.")
            }
            let author = ChangeAuthor(name: "report token", method: .api, requestID: request.requestID)
            return try await get(request, ResourceScope(project: project, author: author))
        }
    }

    private func found(
        _ caller: ConvertCaller, _ request: OperationRequest
    ) async throws -> (scope: ResourceScope, id: Int64) {
        let scope = try await access.scope(caller, request)
        let id = try request.pathID("experience_id")
        _ = try await resources.get(.experiences, .id(id), include: [], expand: [], scope)
        return (scope, id)
    }

    private func reportToken(_ caller: ConvertCaller, _ request: OperationRequest) async throws -> OperationResponse {
        let (_, id) = try await found(caller, request)
        try caller.requireEditing()
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
