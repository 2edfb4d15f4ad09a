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
        surface.on("getSections", allow: .may(.view(.experience), in: .project)) { scope, request in
            return .json(
                try await experiences.sections(of: request.pathID("experience_id"), scope, options(request)))
        }
        surface.on("createSection", allow: .may(.edit(.experience), in: .project)) { scope, request in
            let sections = try await experiences.storeSection(
                nil, of: request.pathID("experience_id"), request.bodyMembers, scope, options(request))
            return .json(sections, status: .created)
        }
        surface.on("updateSection", allow: .may(.edit(.experience), in: .project)) { scope, request in
            return .json(
                try await experiences.storeSection(
                    request.path("section_id"), of: request.pathID("experience_id"), request.bodyMembers, scope,
                    options(request)))
        }
        surface.on("updateExperienceSections", allow: .may(.edit(.experience), in: .project)) { scope, request in
            return .json(
                try await experiences.storeSections(
                    of: request.pathID("experience_id"), request.bodyMembers, scope, options(request)))
        }
        surface.on("addExperienceSectionVersion", allow: .may(.edit(.experience), in: .project)) { scope, request in
            try await storeVersion(nil, scope, request, status: .created)
        }
        surface.on("updateExperienceSectionVersion", allow: .may(.edit(.experience), in: .project)) { scope, request in
            try await storeVersion(request.path("version_id"), scope, request, status: .ok)
        }
        surface.on("deleteExperienceSectionVersion", allow: .may(.edit(.experience), in: .project)) { scope, request in
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
