import Experiments
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
            let id = try request.pathID("experience_id")
            return try await list(
                try await experiences.sections(of: id, scope, options(request)), of: id, scope, status: .ok)
        }
        surface.on("createSection") { caller, request in
            let scope = try await access.editingScope(caller, request)
            let id = try request.pathID("experience_id")
            let sections = try await experiences.storeSection(
                nil, of: id, request.bodyMembers, scope, options(request))
            return try await list(sections, of: id, scope, status: .created)
        }
        surface.on("updateSection") { caller, request in
            let scope = try await access.editingScope(caller, request)
            let id = try request.pathID("experience_id")
            let sections = try await experiences.storeSection(
                request.path("section_id"), of: id, request.bodyMembers, scope, options(request))
            return try await list(sections, of: id, scope, status: .ok)
        }
        surface.on("updateExperienceSections") { caller, request in
            let scope = try await access.editingScope(caller, request)
            let id = try request.pathID("experience_id")
            let sections = try await experiences.storeSections(of: id, request.bodyMembers, scope, options(request))
            return try await list(sections, of: id, scope, status: .ok)
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

    private func list(
        _ sections: JSONValue, of id: Int64, _ scope: ResourceScope, status: HTTPResponse.Status
    ) async throws -> OperationResponse {
        .json(
            ["data": sections, "concurrency_key": try await experiences.sectionsKey(of: id, scope)], status: status)
    }
}
