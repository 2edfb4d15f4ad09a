import Contract
import HTTPTypes
import Hummingbird
import InternetAddress
import JSON
import NIOCore
import Text

/// Turns an HTTP request into an operation's request: parameters decoded, body collected, both checked against the
/// contract.
struct RequestReader: Sendable {
    let bodies: BodyReader
    /// Where people reach this server; nil takes what each request's Host header says.
    let publicURL: String?
    let isTLS: Bool
    let trustedProxies: [IPRange]

    /// A request whose operation is known.
    struct Arrival {
        let request: Request
        let operation: ContractOperation
        let endpoint: Surface.Endpoint
        let head: RequestHead
        let context: GatewayContext
    }

    /// Finds out who calls. The body is read, and given, where a signature is under it.
    func recognize(_ arrival: Arrival) async throws -> (caller: Principal, body: BodyReader.Received?) {
        switch try await arrival.endpoint.authenticate(arrival.head) {
        case .proved(let caller): return (caller, nil)
        case .signed(let verify):
            // Until the signature is proved whoever signs is a stranger, and nothing is unpacked.
            let body = try await receive(arrival, shareKey: nil)
            let request = arrival.request
            let url = baseURL(of: request, arrival.context) + request.uri.string
            let caller = try verify(SignedContent(url: url, body: body.bytes))
            if let key = caller.shareKey { try body.lease.charge(to: key) }
            return (caller, body)
        }
    }

    /// Reads what is left to read for a caller who may use the operation.
    /// - Parameter body: what was read of it already.
    func read(
        _ arrival: Arrival, from caller: Principal, body: BodyReader.Received?
    ) async throws -> (request: OperationRequest, lease: MemoryLease?) {
        let (request, operation, limits) = (arrival.request, arrival.operation, arrival.endpoint.limits)
        let coding = try ContentCoding(request.headers)
        let type = try DeclaredType(operation.requestBody == nil ? nil : request.headers[.contentType])
        var raw = RawParameters(
            path: arrival.head.path.items, query: request.uri.query.map { RawParameters.query($0) } ?? [],
            headers: arrival.endpoint.takesHeaders
                ? request.headers.map { (name: $0.name.rawName, value: $0.value) } : [])
        var parameters = try decodeParameters(of: operation, raw)
        let takesLists = Self.takesLists(operation)
        var received = body
        if received == nil, operation.requestBody != nil || takesLists {
            received = try await receive(arrival, shareKey: caller.shareKey)
        }
        if takesLists, let received, !received.bytes.isEmpty {
            raw.query += try await listItems(received, coding)
            parameters = try decodeParameters(of: operation, raw)
        }
        let lease =
            received?.lease
            ?? (limits.reservesMemory ? lease(request, arrival.context, key: caller.shareKey) : nil)
        let content = try await self.body(received, coding, type, operation: operation, limits: limits)
        let read = OperationRequest(
            operation: operation, pathParameters: arrival.head.path, query: parameters.query, queryItems: raw.query,
            headers: request.headers,
            body: content.body, unknownNames: content.unknown,
            requestID: arrival.context.id, baseURL: baseURL(of: request, arrival.context), origin: origin(arrival),
            isStranger: received?.lease.isStranger ?? (caller.shareKey == nil), lease: lease)
        return (read, lease)
    }

    private func receive(_ arrival: Arrival, shareKey: String?) async throws -> BodyReader.Received {
        let maximumBytes = arrival.endpoint.limits.bodyBytes
        return try await bodies.receive(
            arrival.request, over: arrival.context,
            maximumBytes: Self.takesLists(arrival.operation) ? min(maximumBytes, Self.maximumListBytes) : maximumBytes,
            from: origin(arrival), shareKey: shareKey)
    }

    private func origin(_ arrival: Arrival) -> RequestOrigin { origin(arrival.context) }

    func origin(_ context: GatewayContext) -> RequestOrigin {
        RequestOrigin(peer: context.peer, trustedProxies: trustedProxies)
    }

    /// What the answer to a request will hold of memory: nothing yet.
    /// - Parameter key: the key that the client has proved; nil for strangers.
    func lease(_ request: Request, _ context: GatewayContext, key: String?) -> MemoryLease {
        let headers = request.headers
        let origin = origin(context)
        return MemoryLease(bodies.budget, key: key) { origin.clientAddress(headers) }
    }

    private func decodeParameters(
        of operation: ContractOperation, _ raw: RawParameters
    ) throws(APIError) -> ParameterValues {
        guard !operation.parameters.isEmpty else { return .none }
        switch operation.decodeParameters(raw) {
        case .success(let values): return values
        case .failure(let violations): throw APIError(violations.all)
        }
    }

    private func body(
        _ received: BodyReader.Received?, _ coding: ContentCoding, _ type: DeclaredType, operation: ContractOperation,
        limits: OperationLimits
    ) async throws -> (body: OperationRequest.Body, unknown: [UnknownName]) {
        guard let expected = operation.requestBody, let received else { return (.none, []) }
        let isPacked = limits.recognizesBody && GzipDecoder.isPacked(received.bytes)
        let bytes = try await bodies.unpack(
            received, from: isPacked ? .gzip : coding, maximumBytes: limits.bodyBytes)
        let isLong = bytes.count > LongWork.largeBytes
        return try await LongWork.run(forStranger: received.lease.isStranger, if: isLong) { [self] in
            try body(bytes, type, expected: expected, limits: limits, lease: received.lease)
        }
    }

    private func body(
        _ bytes: [UInt8], _ type: DeclaredType, expected: Contract.RequestBody, limits: OperationLimits,
        lease: MemoryLease
    ) throws(APIError) -> (body: OperationRequest.Body, unknown: [UnknownName]) {
        if bytes.isEmpty {
            guard !expected.isRequired else { throw APIError(.badRequest, "A request body is required.") }
            return (.none, [])
        }
        let content =
            limits.recognizesBody
            ? try RecognizedBody(bytes, type, expected: expected)
            : RecognizedBody(bytes: bytes, mediaType: Self.mediaType(type, expected: expected))
        guard let media = expected.content[content.mediaType] else {
            let types = expected.content.keys.sorted().joined(separator: " or ")
            throw APIError(.unsupportedMediaType, "The Content-Type must be \(types).")
        }
        let valueBytes = limits.bodyCheck == .none ? BodyWeight.parsedValueBytes : BodyWeight.madeValueBytes
        try Self.weigh(content.bytes, content.mediaType, valueBytes: valueBytes, lease)
        guard limits.bodyCheck != .none, content.mediaType == "application/json" else {
            return (.bytes(content.bytes, mediaType: content.mediaType, contentType: type.field), [])
        }
        let document = try Self.parse(content.bytes, schema: limits.bodyCheck == .contract ? media.schema : nil)
        let unknown = limits.tellsUnknownNames ? media.schema?.unknownNames(in: document.root) ?? [] : []
        return (.json(document), unknown)
    }

    /// Some clients send JSON without saying so.
    private static func mediaType(_ type: DeclaredType, expected: Contract.RequestBody) -> String {
        type.essence.isEmpty && expected.content["application/json"] != nil ? "application/json" : type.essence
    }

    /// A body that is so small weighs nothing worth telling.
    private static let lightBytes = 256

    /// Has what will be made of JSON count before it is made: values take more than the bytes that stand for them.
    static func weigh(
        _ bytes: [UInt8], _ mediaType: String, valueBytes: Int, _ lease: MemoryLease
    ) throws(APIError) {
        let hasLines = mediaType == "application/x-ndjson"
        guard bytes.count > lightBytes, hasLines || mediaType == "application/json" else { return }
        try lease.grow(to: BodyWeight.bytes(of: bytes, hasLines: hasLines, valueBytes: valueBytes))
    }

    static func parse(
        _ bytes: [UInt8], schema: Schema?, limits: JSONLimits = .standard
    ) throws(APIError) -> JSONDocument {
        let document: JSONDocument
        do {
            document = try JSONDocument(parsing: bytes, limits: limits)
        } catch {
            throw APIError(
                .badRequest, error.message, fields: [APIError.Field(name: error.path, message: error.message)])
        }
        try schema?.require(document.root)
        return document
    }

    /// Where the client reaches this server, without a slash at its end.
    func baseURL(of request: Request, _ context: GatewayContext) -> String {
        if let publicURL { return publicURL }
        let host = request.head.authority ?? ""
        let isSecure = origin(context).isSecure(request.headers) ?? isTLS
        return "\(isSecure ? "https" : "http")://\(host.isEmpty ? "localhost" : host)"
    }
}

extension Schema {
    /// - Throws: `APIError` with everything that is wrong with a body. What is missing may stand under another name: that is
    ///   told as well.
    func require(_ body: JSONNode) throws(APIError) {
        let violations = validate(body)
        if violations.isEmpty { return }
        let misnamed = unknownNames(in: body).filter { $0.suggestion != nil }
        throw APIError(violations).telling(misnamed)
    }
}

extension APIError {
    /// Everything that the contract finds wrong.
    init(_ violations: [Violation]) {
        let fields = violations.map { Field(name: $0.field, message: $0.description) }
        self.init(.badRequest, violations.first.map { "\($0)." } ?? "The request is not valid.", fields: fields)
        breaksContract = true
    }
}
