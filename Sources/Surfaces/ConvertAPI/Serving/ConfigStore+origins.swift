public import Gateway
public import Serving

extension ConfigStore {
    /// Whose pages may read what is answered for a project: those of its domains if it has some, otherwise any.
    public func origins(ofProject projectID: Int64) async throws -> AllowedOrigins {
        guard let origins = try await project(projectID)?.siteOrigins, !origins.isEmpty else { return .any }
        return .only { origins.contains($0) }
    }
}
