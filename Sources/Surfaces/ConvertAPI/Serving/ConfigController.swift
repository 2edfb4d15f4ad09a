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
    let debugTokens: DebugTokenStore

    func addRoutes(to surface: inout SurfaceBuilder<ConfigStore>) {
        surface.on("getProjectConfigBySdkKey", allow: .sdkKeyWithSecret.fromPages) { key, request in
            // A key of one environment opens no other.
            let environment = key.environment ?? Self.text("environment", request)
            return try await config(request, key.projectID, environment: environment, isShared: !key.hasSecret)
        }
        surface.on("getProjectConfig", allow: .anyoneUnlessKeysAreRequired.fromPages) { _, request in
            try await config(
                request, request.pathID("project_id"), environment: Self.text("environment", request), isShared: true)
        }
        surface.on("getProjectSettings", allow: .anyone.fromPages) { served, _ in
            .json(ServingDocument.minimalSettings(served.project))
        }
        surface.on("getProjectOptionalSettings", allow: .anyone.fromPages) { served, _ in
            .json(ServingDocument.optionalSettings(served.project))
        }
    }

    private func config(
        _ request: OperationRequest, _ projectID: Int64, environment: String?, isShared: Bool
    ) async throws -> OperationResponse {
        let isDebug = try await isDebug(request, projectID: projectID)
        let experiences = try Self.experiences(request)
        let document = try await configs.document(projectID, for: request.clientAddress) { served in
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
        if packed != nil { headers[.contentEncoding] = "gzip" }
        let bytes = packed ?? document.bytes
        // Of sets little is kept: as long as one is sent, it is this answer that holds it.
        let isKept = experiences == nil && !isDebug
        return OperationResponse(status: .ok, headers: headers, body: isKept ? .shared(bytes) : .bytes(bytes))
    }

    private static let debugTokenName = HTTPField.Name("convert-debug-token")

    /// Whether the request may see what does not run.
    /// - Throws: `APIError` 401 for a token that is not, or no longer, good for the project.
    private func isDebug(_ request: OperationRequest, projectID: Int64) async throws -> Bool {
        let header = Self.debugTokenName.flatMap { request.headers[$0] }
        guard let token = header ?? request.query["debug_token"]?.string, !token.isEmpty else { return false }
        guard try await debugTokens.isValid(token, projectID: projectID) else {
            throw APIError(.unauthorized, "The debug token is unknown or has expired; make another one.")
        }
        return true
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
