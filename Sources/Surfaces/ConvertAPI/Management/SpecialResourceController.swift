import Gateway
import Identity
import JSON
import Projects
import Resources

/// The operations that only one kind of resource has.
struct SpecialResourceController: Sendable {
    let resources: ResourceService
    let codeCheck: CodeCheck

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        for (operation, kept, presets) in [
            ("getAudiencesPresets", Permission.Kept.audience, Presets.ofAudiences),
            ("getLocationsPresets", .location, Presets.ofLocations),
        ] {
            surface.on(operation, allow: .may(.view(kept), in: .project)) { _, _ in
                return .json(["data": presets])
            }
        }
        surface.on("getDomainByUrl", allow: .may(.view(.domain), in: .project)) { scope, request in
            return .json(try await resources.domain(of: url(request), scope))
        }
        surface.on("checkCodeDomain", allow: .may(.edit(.domain), in: .project)) { scope, request in
            return .json(try await codeCheck.run(request.pathID("domain_id"), url: url(request), scope))
        }
        surface.on("convertHypothesis", allow: .may(.convertHypothesis, in: .project)) { scope, request in
            return .json(try await resources.convertHypothesis(request.pathID("hypothesis_id"), scope))
        }
    }

    private func url(_ request: OperationRequest) throws(APIError) -> String {
        guard let url = try request.bodyMembers["url"]?.string else {
            throw APIError.invalid("url", "url is required.")
        }
        return url
    }
}
