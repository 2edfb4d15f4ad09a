import Contract
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JSON
import Logging
import NIOCore
import Synchronization

@testable import Gateway

/// A small interface of things, with a way to see what reached its handlers.
final class ThingsSurface: Sendable {
    static let yaml = """
        openapi: 3.0.3
        info: {title: Things, version: '1'}
        servers: [{url: 'https://host.example/api'}]
        paths:
          /things:
            get:
              operationId: listThings
              parameters:
                - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100}}
              responses: {'200': {description: all}}
            post:
              operationId: createThing
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      type: object
                      required: [name]
                      properties:
                        name: {type: string, minLength: 1}
                        count: {type: integer}
              responses: {'201': {description: made}}
          /things/{id}:
            parameters: [{name: id, in: path, required: true, schema: {type: string}}]
            get: {operationId: getThing, responses: {'200': {description: one}}}
            delete: {operationId: deleteThing, responses: {'204': {description: gone}}}
          /optional:
            put:
              operationId: putOptional
              requestBody: {content: {application/json: {schema: {type: object}}}}
              responses: {'200': {description: done}}
          /files:
            post:
              operationId: uploadFile
              requestBody: {required: true, content: {multipart/form-data: {}, application/x-ndjson: {}, application/json: {}}}
              responses: {'202': {description: taken}}
          /stream: {get: {operationId: streamThings, responses: {'200': {description: many}}}}
          /failing/{way}:
            parameters: [{name: way, in: path, required: true, schema: {type: string}}]
            get: {operationId: fail, responses: {'200': {description: never}}}
          /unserved: {get: {operationId: unserved, responses: {'200': {description: later}}}}
        """

    private static let laterYAML = """
        openapi: 3.0.3
        info: {title: Later, version: '1'}
        servers: [{url: 'https://host.example/later'}]
        paths:
          /x: {get: {operationId: laterX, responses: {'200': {description: later}}}}
        """

    /// What each handler was called with, in order.
    private let seen = Mutex<[String]>([])
    /// The operations whose requests were refused after their caller was known.
    private let refused = Mutex<[String]>([])

    var calls: [String] { seen.withLock { $0 } }
    var refusals: [String] { refused.withLock { $0 } }

    private func note(_ call: String) { seen.withLock { $0.append(call) } }

    /// Errors of this surface: `{"oops": message, "fields": [names]}`.
    static let errors = ErrorRenderer { error in
        ["oops": .string(error.message), "fields": .array(error.fields.map { .string($0.name) })]
    }

    static func errorOf(way: String) -> any Error {
        FailureWay(rawValue: way)?.error ?? APIError.notFound("There is no way \(way).")
    }

    private func surface() throws -> Surface {
        let contract = try ContractDocument(yaml: Array(Self.yaml.utf8), name: "things")
        var surface = SurfaceBuilder(
            contract: contract, errors: Self.errors, source: (), accepting: [GoodToken()],
            unrecognized: { _ in GoodToken.missing })
        surface.pages = PageAccess { _, _ in .only { $0 == "https://good.example" } }
        surface.onRefusal = { _, operation, error in
            self.refused.withLock { $0.append("\(operation.operationId) \(error.status.code)") }
        }
        surface.on("listThings", allow: .good.fromPages) { _, request in
            self.note("list \(request.query["limit"]?.int64 ?? 0)")
            return .json(["things": ["a", "b"]])
        }
        surface.on("createThing", allow: .good.fromPages, limits: OperationLimits(bodyBytes: 1_000)) { _, request in
            let name = try request.json["name"]?.string ?? ""
            self.note("create \(name)")
            return .json(["name": .string(name)], status: .created)
        }
        surface.on("getThing", allow: .good) { _, request in
            self.note("get \(try request.path("id"))")
            return .json(["id": .string(try request.path("id")), "base": .string(request.baseURL)])
        }
        surface.on("deleteThing", allow: .good) { _, _ in .noContent }
        surface.on("putOptional", allow: .good) { _, request in
            if case .none = request.body { return .json(["body": false]) }
            return .json(["body": true])
        }
        surface.on("uploadFile", allow: .good, limits: OperationLimits(bodyBytes: 1_024 * 1_024, bodyCheck: .none)) {
            _, request in
            guard case .bytes(let bytes, let mediaType, _) = request.body else { return .noContent }
            self.note("\(mediaType) \(bytes.count)")
            return .json(["bytes": .integer(Int64(bytes.count)), "type": .string(mediaType)], status: .accepted)
        }
        surface.on("streamThings", allow: .good) { _, _ in
            let chunks = { @Sendable in
                AsyncThrowingStream<ByteBuffer, any Error> { continuation in
                    for text in ["one ", "two ", "three"] { continuation.yield(ByteBuffer(string: text)) }
                    continuation.finish()
                }
            }
            return OperationResponse(status: .ok, body: .stream(length: 13, chunks))
        }
        surface.on("fail", allow: .good) { _, request in throw Self.errorOf(way: try request.path("way")) }
        return try surface.build()
    }

    /// Runs a test against the gateway in memory.
    func test<Value: Sendable>(
        pages: [any Page] = [], configuration: GatewayConfiguration = GatewayConfiguration(),
        _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Value
    ) async throws -> Value {
        try await application(pages: pages, configuration: configuration).test(.router, body)
    }

    func application(
        pages: [any Page] = [], tls: ListenAddress.TLS? = nil,
        configuration: GatewayConfiguration = GatewayConfiguration()
    ) throws -> Application<Entrance> {
        let responder = try responder(pages: pages, configuration: configuration)
        return try application(Entrance(responder), tls: tls, configuration: configuration)
    }

    func application(
        _ entrance: Entrance, tls: ListenAddress.TLS? = nil,
        configuration: GatewayConfiguration = GatewayConfiguration()
    ) throws -> Application<Entrance> {
        try GatewayServer.makeApplication(
            responder: entrance, configuration: configuration,
            address: ListenAddress(host: "127.0.0.1", port: 0, tls: tls), logger: Self.logger, onRunning: { _ in })
    }

    /// - Parameter closed: what everything is answered with that is no page.
    func responder(
        pages: [any Page] = [], configuration: GatewayConfiguration = GatewayConfiguration(),
        closed: (@Sendable () -> APIError)? = nil
    ) throws -> GatewayResponder {
        let later = try ContractDocument(yaml: Array(Self.laterYAML.utf8), name: "later")
        return try GatewayResponder(
            surfaces: [surface()], unserved: [later], pages: pages, configuration: configuration, closed: closed,
            logger: Self.logger)
    }

    static var logger: Logger {
        // One that keeps metadata: the framework looks its request ids up there.
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }
}

/// Lets in who says to be good, and tells handlers nothing of them.
private struct GoodToken: Authenticator {
    static let missing = APIError(.unauthorized, "Who are you?", headers: [.wwwAuthenticate: "Token"])

    var kind: Principal.Kind { .stranger }

    func authenticate(_ head: RequestHead) -> Evidence? {
        head.headers[.authorization]?.hasPrefix("Token good") == true ? .proved(.stranger) : nil
    }
}

extension Policy where Source == Void, Proof == Void {
    fileprivate static var good: Policy { Policy("good", for: [.stranger]) { _, _, _ in } }
}
