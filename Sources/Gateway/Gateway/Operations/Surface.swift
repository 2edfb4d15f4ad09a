public import Contract
public import HTTPTypes

/// What an operation may ask of the gateway beyond its contract.
public struct OperationLimits: Sendable {
    /// How far the gateway checks a body before the handler gets it.
    public enum BodyCheck: Sendable {
        /// JSON that satisfies the contract.
        case contract
        /// JSON; for bodies whose contract is narrower than what must be accepted.
        case syntax
        /// Nothing: operations that answer for each of many rows say themselves which row is wrong.
        case none
    }

    /// The largest body, unpacked, in bytes.
    public var bodyBytes: Int
    public var bodyCheck: BodyCheck
    /// Whether the handler's task is cancelled when the client hangs up: for work that takes long and changes nothing.
    public var endsWithCaller: Bool
    /// Whether a body is read as what it is, whatever its type says: browsers send what pages give them under types of
    /// their own.
    public var recognizesBody: Bool

    public init(
        bodyBytes: Int = 10 * 1_024 * 1_024, bodyCheck: BodyCheck = .contract, endsWithCaller: Bool = false,
        recognizesBody: Bool = false
    ) {
        self.bodyBytes = bodyBytes
        self.bodyCheck = bodyCheck
        self.endsWithCaller = endsWithCaller
        self.recognizesBody = recognizesBody
    }

    /// Ten megabytes of JSON that satisfies the contract.
    public static let standard = OperationLimits()

    /// The same for calls that take events, from wherever.
    public static let events = OperationLimits(recognizesBody: true)
}

/// One vendor's interface: its contract, the handlers of its operations, its way to authenticate and to say no.
public struct Surface: Sendable {
    /// An operation's handler, its caller's identity bound.
    struct Authorized: Sendable {
        /// Proves what the caller could not prove before the whole request was read; nil when nothing is left to prove.
        /// Gives the name of the key that is then proved, by which memory is shared out.
        let verify: (@Sendable (SignedContent) throws -> String?)?
        /// Proves what the address shows, before the body is read; nil when there is nothing to prove.
        let admit: (@Sendable (PathParameters) async throws -> Void)?
        /// Whose share of the memory the request takes: the name of a key that is proved; nil for strangers.
        let shareKey: String?
        /// Whose pages may read the answer, by the address.
        let origins: @Sendable (PathParameters) async throws -> AllowedOrigins
        let handle: @Sendable (OperationRequest) async throws -> OperationResponse
        /// Told when the request is refused before it reaches the handler.
        let refused: @Sendable (ContractOperation, APIError) -> Void
    }

    struct Endpoint: Sendable {
        let limits: OperationLimits
        /// Whether the contract has parameters in header fields.
        let takesHeaders: Bool
        /// Whether pages of other sites may call it.
        let isOpenToPages: Bool
        /// - Throws: `APIError` when the caller is not who may call this.
        let authorize: @Sendable (HTTPFields) throws -> Authorized
    }

    public let contract: ContractDocument
    let errors: ErrorRenderer
    let endpoints: [String: Endpoint]

    /// A surface that serves nothing yet; it knows its addresses and how to say no.
    public static func closed(_ contract: ContractDocument, errors: ErrorRenderer) -> Surface {
        Surface(contract: contract, errors: errors, endpoints: [:])
    }

    /// Operations of the contract that nothing serves yet, in the contract's order.
    public var missingOperations: [ContractOperation] {
        contract.operations.filter { endpoints[$0.operationId] == nil }
    }
}

/// What a client that signs its requests puts its signature under.
public struct SignedContent: Sendable {
    /// The address as the client wrote it, with the query.
    public let url: String
    /// As it came, before any decoding.
    public let body: [UInt8]

    public init(url: String, body: [UInt8]) {
        self.url = url
        self.body = body
    }
}

/// A caller who is no principal of its surface, and what answers it.
public struct AlternativeCaller: Sendable {
    let shareKey: String?
    let admit: (@Sendable (PathParameters) async throws -> Void)?
    let origins: @Sendable () async throws -> AllowedOrigins
    let handle: @Sendable (OperationRequest) async throws -> OperationResponse

    /// - Parameters:
    ///   - shareKey: the name of the key that it has shown, by which memory is shared out; nil for a stranger.
    ///   - admit: proves what is not proved yet, before the body is read.
    ///   - origins: whose pages may read the answer, where the operation is open to pages.
    public init(
        shareKey: String?, admit: (@Sendable (PathParameters) async throws -> Void)? = nil,
        origins: @escaping @Sendable () async throws -> AllowedOrigins = { .any },
        handle: @escaping @Sendable (OperationRequest) async throws -> OperationResponse
    ) {
        self.shareKey = shareKey
        self.admit = admit
        self.origins = origins
        self.handle = handle
    }
}

/// Collects the handlers of a surface. `Principal` is who a caller has proved to be: a handler cannot be reached
/// without one.
public struct SurfaceBuilder<Principal: Sendable> {
    /// Proves what the address shows, such as a key in it, before the body is read.
    public typealias Admission = @Sendable (PathParameters) async throws -> Void
    public typealias Handler = @Sendable (Principal, OperationRequest) async throws -> OperationResponse

    private let contract: ContractDocument
    private let errors: ErrorRenderer
    private let authenticate: @Sendable (HTTPFields) throws -> Principal
    private var endpoints: [String: Surface.Endpoint] = [:]
    private var unknown: [String] = []

    /// For surfaces whose clients sign: proves the rest once the request is read, and throws `APIError` 401 otherwise.
    /// Runs before the request is looked at any further.
    /// Gives the name of the key that is then proved, as ``shareKey`` does.
    public var verify: (@Sendable (Principal, SignedContent) throws -> String?)?

    /// The name of the key that a caller has shown, by which memory is shared out; nil for callers who have shown nothing
    /// that only they know.
    public var shareKey: @Sendable (Principal) -> String? = { _ in nil }

    /// Made once for each operation: refuses callers who may not use it, before their request is read any further; nil
    /// where every caller may.
    public var permission: @Sendable (ContractOperation) -> (@Sendable (Principal) throws -> Void)? = { _ in nil }

    /// What pages of other sites may call; nil for nothing.
    public var pages: PageAccess<Principal>?

    /// Told when a request by a known caller is refused before it reaches its handler.
    public var onRefusal: @Sendable (Principal, ContractOperation, APIError) -> Void = { _, _, _ in }

    /// - Parameter authenticate: proves who calls, from the headers; throws `APIError` 401 otherwise.
    public init(
        contract: ContractDocument, errors: ErrorRenderer,
        authenticate: @escaping @Sendable (HTTPFields) throws -> Principal
    ) {
        self.contract = contract
        self.errors = errors
        self.authenticate = authenticate
    }

    /// Serves an operation of the contract.
    public mutating func on(
        _ operationID: String, limits: OperationLimits = .standard, admit: Admission? = nil,
        _ handler: @escaping Handler
    ) {
        if contract.operation(operationID) == nil { unknown.append(operationID) }
        endpoints[operationID] = endpoint(operationID, limits, admit, handler)
    }

    /// Serves an operation that callers may also use without being a principal.
    /// - Parameter alternative: what such a caller shows in the headers; nil for all others, who authenticate.
    public mutating func on(
        _ operationID: String, limits: OperationLimits = .standard,
        alternative: @escaping @Sendable (HTTPFields) throws -> AlternativeCaller?, _ handler: @escaping Handler
    ) {
        if contract.operation(operationID) == nil { unknown.append(operationID) }
        let standard = endpoint(operationID, limits, nil, handler)
        endpoints[operationID] = Surface.Endpoint(
            limits: limits, takesHeaders: standard.takesHeaders, isOpenToPages: standard.isOpenToPages
        ) { headers in
            guard let caller = try alternative(headers) else { return try standard.authorize(headers) }
            return Surface.Authorized(
                verify: nil, admit: caller.admit, shareKey: caller.shareKey,
                origins: { _ in try await caller.origins() },
                handle: caller.handle, refused: { _, _ in })
        }
    }

    private func endpoint(
        _ operationID: String, _ limits: OperationLimits, _ admit: Admission?, _ handler: @escaping Handler
    ) -> Surface.Endpoint {
        let operation = contract.operation(operationID)
        let takesHeaders = operation?.parameters.contains { $0.location == .header } ?? false
        let permit = operation.flatMap(permission)
        let onRefusal = onRefusal
        let verify = verify
        let isOpen = operation.flatMap { self.pages?.isOpen($0) } ?? false
        let pages = isOpen ? self.pages : nil
        return Surface.Endpoint(
            limits: limits, takesHeaders: takesHeaders, isOpenToPages: pages != nil
        ) { [authenticate, shareKey] headers in
            let principal = try authenticate(headers)
            try permit?(principal)
            if let pages, headers[.origin] != nil { try pages.admit(principal) }
            var bound: (@Sendable (SignedContent) throws -> String?)?
            if let verify { bound = { try verify(principal, $0) } }
            return Surface.Authorized(
                verify: bound, admit: admit, shareKey: shareKey(principal),
                origins: { path in
                    guard let pages else { return AllowedOrigins.only { _ in false } }
                    return try await pages.origins(principal, path)
                },
                handle: { try await handler(principal, $0) },
                refused: { onRefusal(principal, $0, $1) })
        }
    }

    /// - Throws: `SurfaceError` when a handler names an operation that the contract does not have.
    public func build() throws(SurfaceError) -> Surface {
        guard unknown.isEmpty else { throw .unknownOperations(unknown, contract: contract.name) }
        return Surface(contract: contract, errors: errors, endpoints: endpoints)
    }
}

/// A mistake in how a surface is put together.
public enum SurfaceError: Error, CustomStringConvertible {
    case unknownOperations([String], contract: String)

    public var description: String {
        switch self {
        case .unknownOperations(let names, let contract):
            "the contract \(contract) has no operation \(names.joined(separator: ", "))"
        }
    }
}
