import ArgumentParser
import Foundation
import HTTPClient

/// How commands reach a running server.
struct ServerConnection: ParsableArguments {
    @Option(help: "Address of the running server. (default: $SEXTANT_URL, else http://localhost:8080)")
    var url: String?

    @Option(help: "API key of the environment to work on. (default: $SEXTANT_TOKEN)")
    var token: String?

    /// Sends a request and collects the answer.
    /// - Throws: `ServerConnectionError` for anything but success, with the server's own words.
    func send(
        _ method: String, _ path: String, contentType: String? = nil, body: [UInt8] = [], maximumBytes: Int = 128 << 20
    ) async throws -> [UInt8] {
        let environment = ProcessInfo.processInfo.environment
        let base = url ?? environment["SEXTANT_URL"] ?? "http://localhost:8080"
        guard let token = token ?? environment["SEXTANT_TOKEN"] else {
            throw ServerConnectionError.noToken
        }
        var request = ClientRequest(
            method: method, url: (base.hasSuffix("/") ? String(base.dropLast()) : base) + path,
            headers: [("Authorization", "Token \(token)")], body: body.isEmpty ? .none : .bytes(body))
        if let contentType { request.headers.append(("Content-Type", contentType)) }
        request.answerTimeoutSeconds = 300
        request.idleTimeoutSeconds = 90
        let response: ClientResponse
        do {
            response = try await HTTPClient.send(request)
        } catch {
            throw ServerConnectionError.unreachable(base, "\(error)")
        }
        let bytes = try await response.body.collect(upTo: maximumBytes)
        guard (200..<300).contains(response.status) else {
            throw ServerConnectionError.refused(status: response.status, body: String(decoding: bytes, as: UTF8.self))
        }
        return bytes
    }
}

/// Why a command could not get its answer.
enum ServerConnectionError: Error, CustomStringConvertible {
    case noToken
    case unreachable(String, String)
    case refused(status: Int, body: String)

    var description: String {
        switch self {
        case .noToken: "Give an API key with --token or in SEXTANT_TOKEN."
        case .unreachable(let url, let reason):
            "No server answers at \(url) (\(reason)). Start it, or give its address with --url."
        case .refused(let status, let body): "The server answered \(status): \(body)"
        }
    }
}
