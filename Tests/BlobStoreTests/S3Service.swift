import Foundation
import TestSupport

@testable import BlobStore

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// One S3 service for all tests of this target; each test has a bucket of its own.
enum S3Service {
    private static let running = Task { try await ScriptServer.start(script: script, having: "moto") }

    static func server() async throws -> ScriptServer { try await running.value }

    static func endpoint() async throws -> String {
        "http://127.0.0.1:\(try await server().announcement["port"] ?? "")"
    }

    /// What the environment of a server with these credentials holds.
    static func environment(key: String = "key", secret: String = "secret") async throws -> [String: String] {
        let announcement = try await server().announcement
        return ["AWS_ACCESS_KEY_ID": announcement[key] ?? key, "AWS_SECRET_ACCESS_KEY": announcement[secret] ?? secret]
    }

    /// A new bucket and how to reach it; retries do not wait long.
    static func bucket(prefix: String = "/files") async throws -> S3Configuration {
        let name = "test-\(UUID().uuidString.lowercased())"
        _ = try await control("bucket", name)
        return try await configuration(bucket: name, prefix: prefix)
    }

    static func configuration(
        bucket: String, prefix: String = "/files", environment: [String: String]? = nil
    ) async throws -> S3Configuration {
        let endpoint = try await endpoint()
        let own = try await Self.environment()
        var configuration = try S3Configuration(
            address: "s3://\(bucket)\(prefix)?endpoint=\(endpoint)&region=us-east-1&path_style=true",
            environment: environment ?? own)
        configuration.retries.firstWaitMilliseconds = 5
        configuration.partSize = 5 * 1_024 * 1_024
        return configuration
    }

    /// Something that goes wrong `times` times with requests whose line holds every part of `match`.
    struct Fault: Encodable {
        /// `error`, `drop`, `forget` or `hang`.
        var kind = "error"
        var match: [String]
        var times: Int
        var status = 503
        var code = "SlowDown"
    }

    static func order(_ fault: Fault, for configuration: S3Configuration) async throws {
        _ = try await control("fault", configuration.bucket, body: try JSONEncoder().encode(fault))
    }

    /// The request lines seen for a bucket.
    static func seen(_ configuration: S3Configuration) async throws -> [String] {
        try JSONDecoder().decode([String].self, from: try await control("seen", configuration.bucket))
    }

    /// The multipart uploads that are neither complete nor given up.
    static func openUploads(_ configuration: S3Configuration) async throws -> [String] {
        try JSONDecoder().decode([String].self, from: try await control("uploads", configuration.bucket))
    }

    /// Media type and entity tag of an object, as the service itself holds them.
    static func object(_ name: String, in configuration: S3Configuration) async throws -> [String: String] {
        try JSONDecoder().decode(
            [String: String].self, from: try await control("object", configuration.bucket, body: Data(name.utf8)))
    }

    /// A plain GET, as a browser sends it.
    static func fetch(_ url: String) async throws -> (status: Int, headers: [String: String], body: Data) {
        guard let url = URL(string: url) else { throw URLError(.badURL) }
        return try await load(URLRequest(url: url))
    }

    private static func control(_ action: String, _ bucket: String, body: Data? = nil) async throws -> Data {
        guard let url = URL(string: "\(try await endpoint())/_control/\(action)/\(bucket)") else {
            throw URLError(.badURL)
        }
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.httpBody = body
        let answer = try await load(request)
        guard answer.status == 200 else { throw URLError(.badServerResponse) }
        return answer.body
    }

    private static func load(
        _ request: URLRequest
    ) async throws -> (status: Int, headers: [String: String], body: Data) {
        let (body, response) = try await URLSession.shared.data(for: request)
        guard let response = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
        let headers = response.allHeaderFields.map { ("\($0.key)".lowercased(), "\($0.value)") }
        return (response.statusCode, Dictionary(headers, uniquingKeysWith: { first, _ in first }), body)
    }
}
