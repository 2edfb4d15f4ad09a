import Contract
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Identity
import JSON
import Logging
import NIOCore
import Synchronization
import Testing

@testable import Gateway

/// In which order the gateway finds out who calls, asks the policy and reads the body.
@Suite struct AdmissionTests {
    private static let yaml = """
        openapi: 3.0.3
        info: {title: Letters, version: '1'}
        servers: [{url: 'https://host.example'}]
        paths:
          /letters/{id}:
            parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
            post:
              operationId: sendLetter
              parameters: [{name: size, in: query, schema: {type: integer}}]
              requestBody: {required: true, content: {application/json: {schema: {type: object, required: [text]}}}}
              responses: {'200': {description: sent}}
        """

    /// The body is the signature of whoever is good; what is in the header says how one proves it.
    private struct Signatures: Authenticator {
        var kind: Principal.Kind { .stranger }

        func authenticate(_ head: RequestHead) -> Evidence? {
            switch head.headers[.authorization] {
            case "known": .proved(.stranger)
            case "signed":
                .signed { content in
                    guard content.body.starts(with: Array("{\"text\"".utf8)), content.url.hasPrefix("http://") else {
                        throw APIError(.unauthorized, "This is not your signature.")
                    }
                    return .stranger
                }
            default: nil
            }
        }
    }

    private final class Notes: Sendable {
        private let notes = Mutex<[String]>([])
        var all: [String] { notes.withLock { $0 } }
        func note(_ text: String) { notes.withLock { $0.append(text) } }
    }

    /// - Returns: the status, and what was asked and called on the way.
    private func send(
        _ authorization: String?, to path: String = "/letters/1", _ body: String = "{\"text\": \"x\"}"
    ) async throws -> (status: Int, notes: [String]) {
        let notes = Notes()
        var surface = SurfaceBuilder(
            contract: try ContractDocument(yaml: Array(Self.yaml.utf8), name: "letters"), errors: .sextant,
            source: "source", accepting: [Signatures()], unrecognized: { _ in APIError(.unauthorized, "Who?") })
        surface.onRefusal = { _, _, error in notes.note("refused \(error.status.code)") }
        let policy = Policy<String, String>("write", for: [.stranger]) { _, head, source in
            notes.note("find")
            return "\(source) \(try head.path.pathID("id"))"
        } permit: { _, head in
            guard try head.path.pathID("id") != 3 else { throw APIError(.forbidden, "Not there.") }
        }
        surface.on("sendLetter", allow: policy) { proof, _ in
            notes.note(proof)
            return .json([:])
        }
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let responder = try GatewayResponder(
            surfaces: [surface.build()], unserved: [], pages: [], configuration: GatewayConfiguration(), logger: logger)
        let application = try GatewayServer.makeApplication(
            responder: Entrance(responder), configuration: GatewayConfiguration(),
            address: ListenAddress(host: "127.0.0.1", port: 0, tls: nil), logger: logger, onRunning: { _ in })
        var headers: HTTPFields = [.contentType: "application/json"]
        headers[.authorization] = authorization
        let status = try await application.test(.router) { [headers] client in
            try await client.execute(uri: path, method: .post, headers: headers, body: ByteBuffer(string: body)) {
                $0.status.code
            }
        }
        return (status, notes.all)
    }

    @Test func handlersGetWhatThePolicyFound() async throws {
        for authorization in ["known", "signed"] {
            let answer = try await send(authorization)
            #expect(answer.status == 200 && answer.notes == ["find", "source 1"], "\(authorization)")
        }
    }

    @Test func nobodyIsLetInWithoutAnAuthenticator() async throws {
        for authorization in [nil, "other"] {
            let answer = try await send(authorization)
            #expect(answer.status == 401 && answer.notes.isEmpty)
        }
    }

    @Test func aSignatureIsVerifiedBeforeThePolicyIsAsked() async throws {
        let answer = try await send("signed", "{\"texts\": 1}")
        #expect(answer.status == 401 && answer.notes.isEmpty)
    }

    @Test(arguments: ["known", "signed"])
    func thePolicyIsAskedBeforeParametersAndBodyAreLookedAt(_ authorization: String) async throws {
        for (path, status) in [("/letters/3?size=x", 403), ("/letters/x?size=x", 404)] {
            let answer = try await send(authorization, to: path, "{\"text\" broken")
            #expect(answer.status == status && answer.notes == ["find"])
        }
        // Once it has let the caller in, what is wrong with the request is told, and counted.
        for (path, body) in [("/letters/1?size=x", "{\"text\": 1}"), ("/letters/1", "{\"text\" broken")] {
            let answer = try await send(authorization, to: path, body)
            #expect(answer.status == 400 && answer.notes == ["find", "refused 400"])
        }
    }
}
