import ArgumentParser
import Foundation
import HTTPClient
import JSON

/// How commands reach a running server.
struct ServerConnection: ParsableArguments {
    @Option(help: "Address of the running server. (default: $SEXTANT_URL, else http://localhost:8080)")
    var url: String?

    @Option(help: "Userpilot token of the environment to work on. (default: $SEXTANT_TOKEN)")
    var token: String?

    @Option(
        name: .customLong("cacert"),
        help: ArgumentHelp(
            "Certificates, as PEM, that the server's is checked against. (default: $SSL_CERT_FILE, else the system's)",
            valueName: "file"), completion: .file())
    var certificateAuthorities: String?

    /// Sends a request and collects the answer.
    /// - Throws: `ServerConnectionError` for anything but success, with the server's own words.
    func send(
        _ method: String, _ path: String, contentType: String? = nil, body: [UInt8] = [], maximumBytes: Int = 128 << 20
    ) async throws -> [UInt8] {
        try await collect(start(method, path, contentType: contentType, body: body), upTo: maximumBytes)
    }

    /// Sends a request whose answer is read as it comes.
    /// - Parameter waitingSeconds: how long the answer may take to begin, and each of its pieces after that.
    /// - Throws: `ServerConnectionError` for anything but success, with the server's own words.
    func start(
        _ method: String, _ path: String, contentType: String? = nil, body: [UInt8] = [], waitingSeconds: Int? = nil
    ) async throws -> ClientResponse {
        guard let token = token ?? Self.variable("SEXTANT_TOKEN") else {
            throw ServerConnectionError.noToken
        }
        var request = ClientRequest(
            method: method, url: base + path,
            headers: [("Authorization", "Token \(token)")], body: body.isEmpty ? .none : .bytes(body))
        if let contentType { request.headers.append(("Content-Type", contentType)) }
        let response = try await start(&request, waitingSeconds)
        guard (200..<300).contains(response.status) else {
            let bytes = try await collect(response, upTo: 1 << 20)
            throw ServerConnectionError.refused(status: response.status, body: String(decoding: bytes, as: UTF8.self))
        }
        return response
    }

    private func collect(_ response: ClientResponse, upTo limit: Int) async throws -> [UInt8] {
        do {
            return try await response.body.collect(upTo: limit)
        } catch let error as HTTPClientError {
            throw ServerConnectionError.unreachable(base, "\(error)")
        }
    }

    /// The same for an answer that is JSON.
    func json(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        let answer = try await send(
            method, path, contentType: body == nil ? nil : "application/json", body: body?.encoded() ?? [])
        do {
            return try JSONValue(parsing: answer)
        } catch {
            throw CommandError("What answers at \(base) is no Sextant server: its answer is no JSON.", .unreachable)
        }
    }

    /// Fetches what a link leads to, which needs no key: it may be somebody else's server.
    func open(_ link: String) async throws -> ClientResponse {
        var request = ClientRequest(method: "GET", url: link)
        return try await start(&request)
    }

    private func start(_ request: inout ClientRequest, _ waitingSeconds: Int? = nil) async throws -> ClientResponse {
        let authorities = certificateAuthorities ?? Self.variable("SSL_CERT_FILE")
        if let authorities, !FileManager.default.isReadableFile(atPath: authorities) {
            throw CommandError("--cacert: there is no file \(authorities) that can be read.", .badUse)
        }
        request.certificateAuthorities = authorities
        request.answerTimeoutSeconds = waitingSeconds ?? 300
        request.idleTimeoutSeconds = waitingSeconds ?? 90
        do {
            return try await HTTPClient.send(request)
        } catch let error as HTTPClientError {
            // Links of exports may lead elsewhere.
            let isOwn = request.url.hasPrefix(base)
            throw isOwn ? ServerConnectionError.unreachable(base, "\(error)") : .brokenLink(request.url, "\(error)")
        }
    }

    private var base: String {
        let base = url ?? Self.variable("SEXTANT_URL") ?? "http://localhost:8080"
        return base.hasSuffix("/") ? String(base.dropLast()) : base
    }

    /// One that is empty is not set.
    private static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// Why a command could not get its answer.
enum ServerConnectionError: StatusError, CustomStringConvertible {
    case noToken
    case unreachable(String, String)
    case brokenLink(String, String)
    case refused(status: Int, body: String)

    var description: String {
        switch self {
        case .noToken:
            "Give a Userpilot token with --token or in SEXTANT_TOKEN. `sextant init` shows one, `sextant key create` makes more."
        case .unreachable(let url, let reason) where reason.contains("certificate"):
            "No server answers at \(url) (\(reason)). Where its certificate is your own, name the file with --cacert."
        case .unreachable(let url, let reason):
            "No server answers at \(url) (\(reason)). Start it, or give its address with --url."
        case .brokenLink(let link, let reason):
            "Nothing answers at \(Self.origin(link)), where the server's links lead (\(reason)). They begin with "
                + "SEXTANT_PUBLIC_URL, else as the address that was asked, or with that of the bucket."
        case .refused(let status, let body): "The server answered \(status): \(Self.message(body) ?? body)"
        }
    }

    var exitStatus: ExitStatus {
        switch self {
        case .noToken: .badUse
        case .unreachable, .brokenLink: .unreachable
        // It is there, and cannot at present.
        case .refused(let status, _): [429, 502, 503, 504].contains(status) ? .unreachable : .refused
        }
    }

    /// What the server says in any of its forms.
    private static func message(_ body: String) -> String? {
        let answer = try? JSONValue(parsing: body)
        return answer?["error"]?["message"]?.string ?? answer?["message"]?.string
            ?? answer?["errors"]?.array?.first?["message"]?.string
    }

    /// The rest of a link is a signature.
    private static func origin(_ link: String) -> String {
        link.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
    }
}
