import Gateway
import JSON
import Projects
import Resources

/// The operations that only one kind of resource has.
struct SpecialResourceController: Sendable {
    let resources: ResourceService
    let codeCheck: CodeCheck
    let access: ProjectAccess

    func addRoutes(to surface: inout SurfaceBuilder<ConvertCaller>) {
        for (operation, presets) in [
            ("getAudiencesPresets", Presets.ofAudiences), ("getLocationsPresets", Presets.ofLocations),
        ] {
            surface.on(operation) { caller, request in
                _ = try await access.scope(caller, request)
                return .json(["data": presets])
            }
        }
        surface.on("getDomainByUrl") { caller, request in
            let scope = try await access.scope(caller, request)
            return .json(try await resources.domain(of: url(request), scope))
        }
        surface.on("checkCodeDomain") { caller, request in
            let scope = try await access.editingScope(caller, request)
            return .json(try await codeCheck.run(request.pathID("domain_id"), url: url(request), scope))
        }
        surface.on("convertHypothesis") { caller, request in
            let scope = try await access.editingScope(caller, request)
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
