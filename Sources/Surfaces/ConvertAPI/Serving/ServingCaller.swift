import Contract
import Gateway
import HTTPTypes
import Identity
import JSON
import Text

/// What a request for serving shows of itself: most show nothing.
public struct ServingCaller: Sendable {
    private let headers: HTTPFields

    private static let debugTokenName = HTTPField.Name("convert-debug-token")

    init(_ headers: HTTPFields) {
        self.headers = headers
    }

    /// The secret of an SDK key.
    var secret: String? {
        guard let words = headers[.authorization]?.split(byte: " ", maxSplits: 1), words.count == 2,
            words[0].lowercased() == "bearer"
        else { return nil }
        return words[1]
    }

    /// Opens previews.
    var debugToken: String? { Self.debugTokenName.flatMap { headers[$0] } }

    var userAgent: String { headers[.userAgent] ?? "" }
}

/// Finds the project that a serving request is for.
struct ServingAccess: Sendable {
    let keys: SDKKeyRing
    let debugTokens: DebugTokenStore

    /// What the SDK key in the address is for.
    /// - Throws: `APIError` 404 for a key that is none.
    func key(_ key: String) async throws -> SDKAccess {
        guard let access = try await keys.access(key) else {
            throw APIError.notFound("There is no SDK key \(key.prefix(64)).")
        }
        return access
    }

    /// The project that an address names, by its id or an SDK key; nil for one that names none.
    func projectID(_ path: PathParameters) async throws -> Int64? {
        if let key = try? path.path("sdk_key") { return try await self.key(key).projectID }
        return try? path.pathID("project_id")
    }

    /// What the SDK key in the address opens.
    /// - Throws: `APIError` 404 for a key that is none, 401 without its secret.
    func access(_ caller: ServingCaller, _ request: OperationRequest) async throws -> SDKAccess {
        let access = try await key(request.path("sdk_key"))
        guard !access.hasSecret || access.admits(secret: caller.secret) else {
            throw APIError(
                .unauthorized, "This SDK key needs its secret: send the header Authorization: Bearer SDK_KEY_SECRET.")
        }
        return access
    }

    /// Whether the request may see what does not run.
    /// - Throws: `APIError` 401 for a token that is not, or no longer, good for the project.
    func isDebug(_ caller: ServingCaller, _ request: OperationRequest, projectID: Int64) async throws -> Bool {
        guard let token = caller.debugToken ?? request.query["debug_token"]?.string, !token.isEmpty else {
            return false
        }
        guard try await debugTokens.isValid(token, projectID: projectID) else {
            throw APIError(.unauthorized, "The debug token is unknown or has expired; make another one.")
        }
        return true
    }
}
