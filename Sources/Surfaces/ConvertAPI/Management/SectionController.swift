import Experiences
import Gateway
import HTTPTypes
import Identity
import JSON
import Resources

/// Sections of multivariate tests and their versions: `getSections`, `createSection`, `updateSection`,
/// `updateExperienceSections`, `addExperienceSectionVersion`, `updateExperienceSectionVersion`,
/// `deleteExperienceSectionVersion`.
struct SectionController: Sendable {
    let experiences: ExperienceService

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("getSections", allow: .look(.project)) { scope, request in
            return .json(
                try await experiences.sections(of: request.pathID("experience_id"), scope, options(request)))
        }
        surface.on("createSection", allow: .edit(.project)) { scope, request in
            let sections = try await experiences.storeSection(
                nil, of: request.pathID("experience_id"), request.bodyMembers, scope, options(request))
            return .json(sections, status: .created)
        }
        surface.on("updateSection", allow: .edit(.project)) { scope, request in
            return .json(
                try await experiences.storeSection(
                    request.path("section_id"), of: request.pathID("experience_id"), request.bodyMembers, scope,
                    options(request)))
        }
        surface.on("updateExperienceSections", allow: .edit(.project)) { scope, request in
            return .json(
                try await experiences.storeSections(
                    of: request.pathID("experience_id"), request.bodyMembers, scope, options(request)))
        }
        surface.on("addExperienceSectionVersion", allow: .edit(.project)) { scope, request in
            try await storeVersion(nil, scope, request, status: .created)
        }
        surface.on("updateExperienceSectionVersion", allow: .edit(.project)) { scope, request in
            try await storeVersion(request.path("version_id"), scope, request, status: .ok)
        }
        surface.on("deleteExperienceSectionVersion", allow: .edit(.project)) { scope, request in
            let version = try request.path("version_id")
            try await experiences.deleteVersion(
                version, ofSection: request.path("section_id"), of: request.pathID("experience_id"), scope)
            return .success("The version \(version) is deleted.")
        }
    }

    private func storeVersion(
        _ versionID: String?, _ scope: ResourceScope, _ request: OperationRequest, status: HTTPResponse.Status
    ) async throws -> OperationResponse {
        let version = try await experiences.storeVersion(
            versionID, ofSection: request.path("section_id"), of: request.pathID("experience_id"),
            request.bodyMembers, scope, options(request))
        return .json(["data": version], status: status)
    }

    private func options(_ request: OperationRequest) throws(APIError) -> ExperienceService.SectionOptions {
        ExperienceService.SectionOptions(include: try request.names("include"), expand: try request.names("expand"))
    }
}
