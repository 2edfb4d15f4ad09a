import Contract
import Gateway
import HTTPTypes
import Identity
import JSON
import Serving
import ServingDocument
import Text

/// The documents that SDKs decide by: `getProjectConfig`, `getProjectConfigBySdkKey`, `getProjectSettings`,
/// `getProjectOptionalSettings`.
struct ConfigController: Sendable {
    let configs: ConfigStore
    let access: ServingAccess

    func addRoutes(to surface: inout SurfaceBuilder<ServingCaller>) {
        surface.on("getProjectConfigBySdkKey") { caller, request in
            let key = try await access.access(caller, request)
            // A key of one environment opens no other.
            let environment = key.environment ?? Self.text("environment", request)
            return try await config(caller, request, key.projectID, environment: environment, isShared: !key.hasSecret)
        }
        surface.on("getProjectConfig") { caller, request in
            let project = try await project(request)
            guard project.project["settings"]?["disable_default_config"] != true else {
                throw APIError.notFound("This project serves its config by SDK key only.")
            }
            return try await config(
                caller, request, request.pathID("project_id"), environment: Self.text("environment", request),
                isShared: true)
        }
        surface.on("getProjectSettings") { _, request in
            .json(ServingDocument.minimalSettings(try await project(request)))
        }
        surface.on("getProjectOptionalSettings") { _, request in
            .json(ServingDocument.optionalSettings(try await project(request)))
        }
    }

    private func project(_ request: OperationRequest) async throws -> ServedProject {
        let (accountID, id) = (try request.pathID("account_id"), try request.pathID("project_id"))
        guard let served = try await configs.project(id), served.project.accountID == accountID else {
            throw APIError.notFound("There is no project \(id) in the account \(accountID).")
        }
        return served.project
    }

    private func config(
        _ caller: ServingCaller, _ request: OperationRequest, _ projectID: Int64, environment: String?, isShared: Bool
    ) async throws -> OperationResponse {
        let isDebug = try await access.isDebug(caller, request, projectID: projectID)
        let experiences = try Self.experiences(request)
        let document = try await configs.document(projectID) { served in
            // All environments that are not there have one document, and so have all experiences that are not.
            ServingSelection(
                environment: environment.map { served.hasEnvironment($0) ? $0 : "" },
                experienceIDs: experiences?.intersection(served.experienceIDs), isDebug: isDebug)
        }
        guard let document else {
            throw APIError.notFound("There is no project \(projectID) any more.")
        }
        // Caches ask whether it has changed: an answer is never older than the last change.
        let isStorable = !isDebug && Self.text("_conv_low_cache", request) != "1"
        let packed = request.headers.acceptsGzip ? document.gzip : nil
        let entityTag = packed == nil ? document.entityTag : document.gzipEntityTag
        var headers: HTTPFields = [
            .eTag: entityTag, .vary: "Accept-Encoding, Authorization, convert-debug-token",
            .cacheControl: isStorable ? "\(isShared ? "public" : "private"), no-cache" : "no-store",
        ]
        if request.headers.hasEntity(tagged: entityTag) {
            return OperationResponse(status: .notModified, headers: headers)
        }
        headers[.contentType] = "application/json"
        if let packed {
            headers[.contentEncoding] = "gzip"
            return OperationResponse(status: .ok, headers: headers, body: .bytes(packed))
        }
        return OperationResponse(status: .ok, headers: headers, body: .bytes(document.bytes))
    }

    private static func text(_ name: String, _ request: OperationRequest) -> String? {
        request.query[name]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The ids in `exp`.
    private static func experiences(_ request: OperationRequest) throws -> Set<Int64>? {
        guard let text = text("exp", request) else { return nil }
        return Set(
            try text.split(byte: ",").map { part in
                guard let id = Int64(part.filter { $0 != " " }) else {
                    throw APIError.invalid("exp", "exp must hold ids of experiences, separated by commas.")
                }
                return id
            })
    }
}
