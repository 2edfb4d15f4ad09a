import Experiences
import Gateway
import HTTPTypes
import JSON

/// Sections of multivariate tests and their versions: `getSections`, `createSection`, `updateSection`,
/// `updateExperienceSections`, `addExperienceSectionVersion`, `updateExperienceSectionVersion`,
/// `deleteExperienceSectionVersion`.
struct SectionController: Sendable {
    let experiences: ExperienceService
    let access: ProjectAccess

    func addRoutes(to surface: inout SurfaceBuilder<ConvertCaller>) {
        surface.on("getSections") { caller, request in
            let scope = try await access.scope(caller, request)
            return .json(
                try await experiences.sections(of: request.pathID("experience_id"), scope, options(request)))
        }
        surface.on("createSection") { caller, request in
            let scope = try await access.editingScope(caller, request)
            let sections = try await experiences.storeSection(
                nil, of: request.pathID("experience_id"), request.bodyMembers, scope, options(request))
            return .json(sections, status: .created)
        }
        surface.on("updateSection") { caller, request in
            let scope = try await access.editingScope(caller, request)
            return .json(
                try await experiences.storeSection(
                    request.path("section_id"), of: request.pathID("experience_id"), request.bodyMembers, scope,
                    options(request)))
        }
        surface.on("updateExperienceSections") { caller, request in
            let scope = try await access.editingScope(caller, request)
            return .json(
                try await experiences.storeSections(
                    of: request.pathID("experience_id"), request.bodyMembers, scope, options(request)))
        }
        surface.on("addExperienceSectionVersion") { caller, request in
            try await storeVersion(nil, caller, request, status: .created)
        }
        surface.on("updateExperienceSectionVersion") { caller, request in
            try await storeVersion(request.path("version_id"), caller, request, status: .ok)
        }
        surface.on("deleteExperienceSectionVersion") { caller, request in
            let scope = try await access.editingScope(caller, request)
            let version = try request.path("version_id")
            try await experiences.deleteVersion(
                version, ofSection: request.path("section_id"), of: request.pathID("experience_id"), scope)
            return .success("The version \(version) is deleted.")
        }
    }

    private func storeVersion(
        _ versionID: String?, _ caller: ConvertCaller, _ request: OperationRequest, status: HTTPResponse.Status
    ) async throws -> OperationResponse {
        let scope = try await access.editingScope(caller, request)
        let version = try await experiences.storeVersion(
            versionID, ofSection: request.path("section_id"), of: request.pathID("experience_id"),
            request.bodyMembers, scope, options(request))
        return .json(["data": version], status: status)
    }

    private func options(_ request: OperationRequest) throws(APIError) -> ExperienceService.SectionOptions {
        ExperienceService.SectionOptions(include: try request.names("include"), expand: try request.names("expand"))
    }
}
