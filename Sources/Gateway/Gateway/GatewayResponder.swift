public import Contract
import HTTPTypes
public import Hummingbird
import JSON
public import Logging
import Text

/// Answers every request: finds the operation, recognises the caller, asks the operation's policy, validates,
/// calls the handler, renders errors.
public struct GatewayResponder: HTTPResponder {
    public typealias Context = GatewayContext

    private let routes: RouteTable
    /// Contracts that nothing serves yet: their operations are known, and answered with 501.
    private let unservedRoutes: RouteTable
    private let surfaces: [Surface]
    private let operations: [ObjectIdentifier: ServedOperation]
    private let pages: [any Page]
    private let reader: RequestReader
    private let closed: (@Sendable () -> APIError)?
    private let logger: Logger
    private let logsRequests: Bool

    /// - Parameters:
    ///   - surfaces: the interfaces to serve.
    ///   - unserved: contracts without a surface so far.
    ///   - pages: what is served besides the contracts, such as `/health`.
    ///   - configuration: limits and addresses.
    ///   - closed: what everything but the pages is answered with; nil when the surfaces are open.
    public init(
        surfaces: [Surface], unserved: [ContractDocument], pages: [any Page], configuration: GatewayConfiguration,
        closed: (@Sendable () -> APIError)? = nil, logger: Logger
    ) throws(ContractError) {
        routes = try RouteTable(surfaces.map(\.contract))
        unservedRoutes = try RouteTable(unserved)
        self.surfaces = surfaces
        operations = Dictionary(
            surfaces.flatMap { surface in
                surface.contract.operations.map { (ObjectIdentifier($0), ServedOperation($0, of: surface)) }
            }, uniquingKeysWith: { $1 })
        self.pages = pages
        reader = RequestReader(
            bodies: BodyReader(budgetBytes: configuration.memoryBudgetBytes), publicURL: configuration.publicURL,
            isTLS: configuration.isTLS, trustedProxies: configuration.trustedProxies)
        self.closed = closed
        self.logger = logger
        logsRequests = configuration.logsRequests
    }

    /// What requests and answers hold of memory at the moment, in bytes.
    public var heldBytes: Int { reader.bodies.budget.heldBytes }

    public func respond(to request: Request, context: GatewayContext) async throws -> Response {
        let started = ContinuousClock.now
        let isHead = request.method == .head
        let requestID = context.id
        let answer = await answer(request, from: context)
        let (response, hold) = (answer.response, answer.hold)
        let duration = started.duration(to: .now)
        answer.metrics?.record(status: response.status, duration: duration)
        log(request, answer, duration, context)
        if let hold { context.channel.triggerUserOutboundEvent(hold, promise: nil) }
        return Response(response, requestID: requestID, withoutBody: isHead, over: context.channel)
    }

    /// An answer, and what is known of its request.
    private struct Answer {
        var response: OperationResponse
        /// What was asked for, by a name of ours.
        var label = GatewayResponder.unknownLabel
        var metrics: OperationMetrics?
        /// Nil when nobody was asked who calls, or nothing was proved.
        var caller: Principal?
        /// What the answer holds of memory.
        var hold: AnswerHold?
    }

    /// What the log calls addresses that belong to nothing: they may hold anything, secrets included.
    private static let unknownLabel = "unknown"

    private func answer(_ request: Request, from context: GatewayContext) async -> Answer {
        let path = Self.withoutEmptySegments(request.uri.path)
        for page in pages where page.serves(path) {
            var response = await answer(request.at(path), page, at: reader.baseURL(of: request, context))
            let hold = AnswerHold.take(
                for: &response, to: request.method, errors: .sextant, lease: reader.lease(request, context, key: nil))
            return Answer(response: response, label: page.label, hold: hold)
        }
        return await answerOperation(request, path, from: context)
    }

    private func answerOperation(_ request: Request, _ path: String, from context: GatewayContext) async -> Answer {
        if request.method == .options { return Answer(response: await answerOptions(request), label: "options") }
        if let closed {
            var response = renderer(for: path).response(to: closed())
            // There is nothing in it that a page may not read.
            CrossOrigin.mark(&response, for: request.headers[.origin], allowed: .any)
            return Answer(response: response, label: "closed")
        }
        // Whatever can be read can be asked about.
        let method: HTTPRequest.Method = request.method == .head ? .get : request.method
        let match = routes.match(method, path)
        if case .notFound = match, case .matched(let operation, _) = unservedRoutes.match(method, path) {
            return Answer(response: Self.notServed(operation, by: .sextant), label: operation.label)
        }
        switch match {
        case .notFound:
            return Answer(response: renderer(for: path).response(to: Self.nothing(at: path)))
        case .wrongMethod(let allowed):
            let methods = Self.list(allowed)
            let error = APIError(
                .methodNotAllowed, "\(request.method.rawValue) is not allowed here; use \(methods).",
                headers: [.allow: methods])
            var response = renderer(for: path).response(to: error)
            // There is nothing in it that a page may not read.
            if allowed.contains(where: { isOpenToPages($0, path) }) {
                CrossOrigin.mark(&response, for: request.headers[.origin], allowed: .any)
            }
            return Answer(response: response)
        case .matched(let operation, let parameters):
            guard let served = operations[ObjectIdentifier(operation)] else {
                return Answer(
                    response: ErrorRenderer.sextant.response(to: APIError.notFound("There is nothing here.")))
            }
            return await answer(request, served, parameters, from: context)
        }
    }

    /// An address without its empty segments, which do not count.
    private static func withoutEmptySegments(_ path: String) -> String {
        guard path.containsBytes(of: "//") || path.hasByteSuffix("/") else { return path }
        return "/" + path.split(byte: "/").joined(separator: "/")
    }

    private func isOpenToPages(_ method: HTTPRequest.Method, _ path: String) -> Bool {
        guard case .matched(let operation, _) = routes.match(method, path) else { return false }
        return operations[ObjectIdentifier(operation)]?.endpoint?.isOpenToPages ?? false
    }

    private static func nothing(at path: String) -> APIError { .notFound("There is nothing at \(path.prefix(200)).") }

    /// What answers GET answers HEAD, and everything can be asked what it answers.
    private static func list(_ methods: [HTTPRequest.Method]) -> String {
        (methods.flatMap { $0 == .get ? ["GET", "HEAD"] : [$0.rawValue] } + ["OPTIONS"]).joined(separator: ", ")
    }

    private func answer(_ request: Request, _ page: any Page, at baseURL: String) async -> OperationResponse {
        guard request.method == .get || request.method == .head else {
            let allow = HTTPFields([HTTPField(name: .allow, value: Self.list([.get]))])
            if request.method == .options { return OperationResponse(status: .noContent, headers: allow) }
            return ErrorRenderer.sextant.response(to: APIError(.methodNotAllowed, "Use GET.", headers: allow))
        }
        do {
            return try await page.respond(to: request, at: baseURL)
        } catch {
            return ErrorRenderer.sextant.response(to: failure(error, requestID: "", label: page.label))
        }
    }

    /// Which methods an address answers, and whether a page of another site may use the one that its browser asks for.
    /// Needs no key: browsers send none along with the question.
    private func answerOptions(_ request: Request) async -> OperationResponse {
        let path = Self.withoutEmptySegments(request.uri.path)
        // The server as a whole (RFC 9110, 9.3.7).
        if request.head.path == "*" { return .noContent }
        guard case .wrongMethod(let allowed) = routes.match(.options, path) else {
            return renderer(for: path).response(to: Self.nothing(at: path))
        }
        let methods = Self.list(allowed)
        guard let (allowed, own) = await allowedOrigins(request) else {
            return OperationResponse(status: .noContent, headers: [.allow: methods])
        }
        return CrossOrigin.preflight(
            request.headers, methods: methods, allowed: allowed, isLasting: closed == nil, own: own)
    }

    /// Whose pages may send the request that a browser asks about; nil when it asks for nothing that is open to pages.
    private func allowedOrigins(_ request: Request) async -> (AllowedOrigins, own: OwnPages?)? {
        guard let name = request.headers[.accessControlRequestMethod], let asked = HTTPRequest.Method(name),
            case .matched(let operation, let parameters) = routes.match(
                asked == .head ? .get : asked, request.uri.path)
        else { return nil }
        // What comes is answered with 503, whatever it is.
        if closed != nil { return (.any, nil) }
        guard let endpoint = operations[ObjectIdentifier(operation)]?.endpoint,
            endpoint.isOpenToPages || endpoint.ownPages != nil
        else { return nil }
        // Where the key stands in the address it tells whose pages; elsewhere the request itself will.
        let head = RequestHead(
            method: asked, authority: nil, headers: [:], path: PathParameters(items: parameters), requestID: "")
        var caller: Principal?
        if case .proved(let principal) = try? await endpoint.authenticate(head) { caller = principal }
        return (await origins(of: caller, endpoint, head.path), endpoint.ownPages)
    }

    /// Anybody's where nobody is known to be asked: an answer that only says so is no secret.
    private func origins(
        of caller: Principal?, _ endpoint: Surface.Endpoint, _ path: PathParameters
    ) async -> AllowedOrigins {
        guard endpoint.isOpenToPages else { return .only { _ in false } }
        guard let caller, let origins = try? await endpoint.origins(caller, path) else { return .any }
        return endpoint.limits.recognizesBody ? origins.withSandboxedFrames : origins
    }

    private func answer(
        _ request: Request, _ served: ServedOperation, _ parameters: [(name: String, value: String)],
        from context: GatewayContext
    ) async -> Answer {
        let operation = served.operation
        let label = served.metrics.operation
        guard let endpoint = served.endpoint else {
            return Answer(
                response: Self.notServed(operation, by: served.errors), label: label, metrics: served.metrics)
        }
        let head = RequestHead(
            method: request.method, authority: request.head.authority, headers: request.headers,
            path: PathParameters(items: parameters), requestID: context.id)
        var known: Principal?
        var admitted: (caller: Principal, admission: Surface.Admission)?
        var isRead = false
        var unknown: [UnknownName] = []
        var response: OperationResponse
        do {
            let arrival = RequestReader.Arrival(
                request: request, operation: operation, endpoint: endpoint, head: head, context: context)
            let (caller, body) = try await reader.recognize(arrival)
            known = caller
            let admission = try await endpoint.admit(caller, head)
            admitted = (caller, admission)
            let (operationRequest, lease) = try await reader.read(arrival, from: caller, body: body)
            isRead = true
            unknown = operationRequest.unknownNames
            if !unknown.isEmpty {
                served.metrics.countUnknownNames()
                admission.unknown(unknown)
            }
            defer { withExtendedLifetime(lease) {} }
            response = try await Self.run(admission, operationRequest, endpoint.limits, context)
        } catch is CancellationError where endpoint.limits.endsWithCaller {
            // Nobody reads it, unless the server stops.
            response = served.errors.response(to: .unavailable("The request was given up.", retryAfterSeconds: 1))
        } catch {
            let error = failure(error, requestID: context.id, label: operation.label)
            if !isRead { admitted?.admission.refused(operation, error) }
            response = served.errors.response(to: error)
        }
        response.headers.tell(unknown)
        if case .user = admitted?.caller, response.headers[.cacheControl] == nil {
            // Another may sit at the same browser next.
            response.headers[.cacheControl] = "no-store"
        }
        let hold = AnswerHold.take(
            for: &response, to: request.method, errors: served.errors,
            lease: reader.lease(request, context, key: admitted?.caller.shareKey))
        if endpoint.isOpenToPages || endpoint.ownPages != nil {
            let origin = request.headers[.origin]
            let allowed = origin == nil ? .any : await origins(of: admitted?.caller, endpoint, head.path)
            CrossOrigin.mark(&response, for: origin, allowed: allowed, own: endpoint.ownPages)
        }
        return Answer(response: response, label: label, metrics: served.metrics, caller: known, hold: hold)
    }

    private static func run(
        _ admission: Surface.Admission, _ request: OperationRequest, _ limits: OperationLimits,
        _ context: GatewayContext
    ) async throws -> OperationResponse {
        guard limits.endsWithCaller else { return try await admission.handle(request) }
        return try await HangUp.cancelling(context.channel) { try await admission.handle(request) }
    }

    private static func notServed(_ operation: ContractOperation, by renderer: ErrorRenderer) -> OperationResponse {
        renderer.response(to: APIError(.notImplemented, "\(operation.label) is not served by this version."))
    }

    /// The answer an error makes. What nobody foresaw is logged in full and told in general.
    private func failure(_ error: any Error, requestID: String, label: String) -> APIError {
        if let known = APIError(answering: error) { return known }
        logger.error(
            "request failed", metadata: ["operation": "\(label)", "request": "\(requestID)", "error": "\(error)"])
        if let trouble = APIError(storeTrouble: error) { return trouble }
        return APIError(
            .internalServerError,
            "The server could not complete the request. Its operator finds the reason in the log under request \(requestID)."
        )
    }

    /// Addresses that belong to no operation are answered in the form of the surface they look like.
    private func renderer(for path: String) -> ErrorRenderer {
        var best: (length: Int, renderer: ErrorRenderer)?
        for surface in surfaces {
            for operation in surface.contract.operations {
                let length = zip(operation.path.utf8, path.utf8).prefix { $0 == $1 }.count
                // Every path shares its first slash with every other.
                if length > max(best?.length ?? 0, 3) { best = (length, surface.errors) }
            }
        }
        return best?.renderer ?? .sextant
    }

    /// Successes are quiet unless the operator asks for them; what a client did wrong is worth a line, what the server did
    /// wrong is an error. Addresses, header fields and bodies are never in it: they hold keys, links and people.
    private func log(_ request: Request, _ answer: Answer, _ duration: Duration, _ context: GatewayContext) {
        let status = answer.response.status
        // An operation that is not served yet is nobody's failure; why the server is not ready is logged where it is known.
        let isFailure = status.code >= 500 && status != .notImplemented && status != .serviceUnavailable
        let level: Logger.Level = isFailure ? .error : status.code >= 400 || logsRequests ? .info : .debug
        guard logger.logLevel <= level else { return }
        let milliseconds = (duration / .milliseconds(1) * 100).rounded() / 100
        var metadata: Logger.Metadata = [
            "operation": "\(answer.label)", "status": .stringConvertible(status.code),
            "milliseconds": .stringConvertible(milliseconds), "request": "\(context.id)",
        ]
        if let address = reader.origin(context).clientAddress(request.headers) { metadata["client"] = "\(address)" }
        if let caller = answer.caller { metadata["key"] = "\(caller.logName)" }
        let method = Self.methods.contains(request.method) ? request.method.rawValue : "?"
        logger.log(level: level, "\(method) \(answer.label) \(status.code)", metadata: metadata)
    }

    /// Others are words that a client made up.
    private static let methods: Set<HTTPRequest.Method> = [
        .get, .head, .post, .put, .patch, .delete, .options, .connect, .trace,
    ]
}

extension Request {
    /// The same at another path.
    fileprivate func at(_ path: String) -> Request {
        guard path != uri.path else { return self }
        var head = head
        head.path = path + (uri.query.map { "?\($0)" } ?? "")
        return Request(head: head, body: body)
    }
}
