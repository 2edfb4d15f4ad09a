import Contract
import HTTPTypes
import Hummingbird
import InternetAddress
import JSON
import NIOCore

/// Turns an HTTP request into an operation's request: parameters decoded, body collected, both checked against the
/// contract.
struct RequestReader: Sendable {
    let bodies: BodyReader
    /// Where people reach this server; nil takes what each request's Host header says.
    let publicURL: String?
    let isTLS: Bool
    let trustedProxies: [IPRange]

    /// Bytes from which on reading JSON takes so long that others would notice.
    private static let largeBytes = 256 * 1_024

    func read(
        _ request: Request, operation: ContractOperation, endpoint: Surface.Endpoint,
        pathParameters: [(name: String, value: String)], caller: Surface.Authorized, peer: SocketAddress?,
        requestID: String
    ) async throws -> (request: OperationRequest, lease: BodyLease?) {
        let origin = RequestOrigin(peer: peer, trustedProxies: trustedProxies)
        let limits = endpoint.limits
        var received: BodyReader.Received?
        if let verify = caller.verify {
            // Until the signature is proved whoever signs is a stranger, and nothing is unpacked.
            let body = try await bodies.receive(
                request, maximumBytes: limits.bodyBytes, from: origin, shareKey: caller.shareKey)
            let key = try verify(SignedContent(url: baseURL(of: request) + request.uri.string, body: body.bytes))
            if let key { try body.lease.charge(to: key) }
            received = body
        }
        var raw = RawParameters(
            path: pathParameters, query: request.uri.query.map { RawParameters.query($0) } ?? [],
            headers: endpoint.takesHeaders ? request.headers.map { (name: $0.name.rawName, value: $0.value) } : [])
        var parameters = try decodeParameters(of: operation, raw)
        // A key in the address is looked at before the body is.
        let path = PathParameters(items: pathParameters)
        try await caller.admit?(path)
        let takesLists = Self.takesLists(operation)
        if received == nil, operation.requestBody != nil || takesLists {
            received = try await bodies.receive(
                request, maximumBytes: limits.bodyBytes, from: origin, shareKey: caller.shareKey)
        }
        if takesLists, let received, !received.bytes.isEmpty {
            raw.query += try await listItems(received, request, maximumBytes: limits.bodyBytes)
            parameters = try decodeParameters(of: operation, raw)
        }
        let read = OperationRequest(
            operation: operation, pathParameters: path, query: parameters.query, queryItems: raw.query,
            headers: request.headers,
            body: try await body(received, request, operation: operation, limits: limits),
            requestID: requestID, baseURL: baseURL(of: request), origin: origin)
        return (read, received?.lease)
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
        _ received: BodyReader.Received?, _ request: Request, operation: ContractOperation, limits: OperationLimits
    ) async throws -> OperationRequest.Body {
        guard let expected = operation.requestBody, let received else { return .none }
        let bytes = try await bodies.unpack(
            received, encoding: request.headers[.contentEncoding], maximumBytes: limits.bodyBytes)
        let contentType = request.headers[.contentType] ?? ""
        return try await LongWork.run(if: bytes.count > Self.largeBytes) { [self] in
            try body(bytes, contentType, expected: expected, limits: limits, lease: received.lease)
        }
    }

    private func body(
        _ bytes: [UInt8], _ contentType: String, expected: Contract.RequestBody, limits: OperationLimits,
        lease: BodyLease
    ) throws(APIError) -> OperationRequest.Body {
        if bytes.isEmpty {
            guard !expected.isRequired else { throw APIError(.badRequest, "A request body is required.") }
            return .none
        }
        let mediaType = Self.mediaType(of: contentType)
        // Some clients send JSON without saying so.
        let effectiveType =
            mediaType.isEmpty && expected.content["application/json"] != nil ? "application/json" : mediaType
        guard let media = expected.content[effectiveType] else {
            let types = expected.content.keys.sorted().joined(separator: " or ")
            throw APIError(.unsupportedMediaType, "The Content-Type must be \(types).")
        }
        try Self.weigh(bytes, effectiveType, limits, lease)
        guard limits.bodyCheck != .none, effectiveType == "application/json" else {
            return .bytes(bytes, mediaType: effectiveType, contentType: contentType)
        }
        return .json(try Self.parse(bytes, schema: limits.bodyCheck == .contract ? media.schema : nil))
    }

    /// A body that is so small weighs nothing worth telling.
    private static let lightBytes = 256

    /// Has what will be made of JSON count before it is made: values take more than the bytes that stand for them.
    private static func weigh(
        _ bytes: [UInt8], _ mediaType: String, _ limits: OperationLimits, _ lease: BodyLease
    ) throws(APIError) {
        let hasLines = mediaType == "application/x-ndjson"
        guard bytes.count > lightBytes, hasLines || mediaType == "application/json" else { return }
        let valueBytes = limits.bodyCheck == .none ? BodyWeight.parsedValueBytes : BodyWeight.madeValueBytes
        try lease.grow(to: BodyWeight.bytes(of: bytes, hasLines: hasLines, valueBytes: valueBytes))
    }

    /// The type without its parameters. Nearly every request says exactly `application/json`, and is spared the work.
    private static func mediaType(of contentType: String) -> String {
        if contentType == "application/json" { return contentType }
        return contentType.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
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
        if let violations = schema?.validate(document.root), !violations.isEmpty { throw APIError(violations) }
        return document
    }

    private func baseURL(of request: Request) -> String {
        if let publicURL { return publicURL }
        return "\(isTLS ? "https" : "http")://\(request.head.authority ?? "localhost")"
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
