public import Contract
import HTTPTypes
public import Hummingbird
import Packing
import Reference
import Synchronization

/// `/openapi/NAME.yaml`: the contracts, with this server's address in them; `/docs`: the same for reading.
public final class ContractPages: Page {
    private let documents: [String: ContractDocument]
    private let reference: Reference
    /// What was asked for so far, by its address. There are about fifty of them, which only the contracts name.
    private let made = Mutex<[String: MadePage]>([:])

    /// - Parameter unserved: contracts that nothing serves yet.
    public init(surfaces: [Surface], unserved: [ContractDocument]) {
        let contracts = surfaces.map(\.contract) + unserved
        documents = Dictionary(contracts.map { ("/openapi/\($0.name).yaml", $0) }, uniquingKeysWith: { $1 })
        reference = Reference {
            surfaces.map(\.reference)
                + unserved.map { contract in
                    ReferenceInterface(contract: contract, unserved: Set(contract.operations.map(\.operationId)))
                }
        }
    }

    public var label: String { "page.documentation" }

    public func serves(_ path: String) -> Bool {
        path == "/" || path == "/docs" || path.hasPrefix("/docs/") || path.hasPrefix("/openapi/")
    }

    public func respond(to request: Request) async throws -> OperationResponse {
        try await respond(to: request, at: "http://localhost:8080")
    }

    public func respond(to request: Request, at baseURL: String) async throws -> OperationResponse {
        let path = request.uri.path
        if path == "/" { return OperationResponse(status: .found, headers: [.location: "/docs"]) }
        if path.hasPrefix("/docs") {
            guard let page = page(at: path) else {
                throw APIError.notFound("There is no such page; /docs leads to all.")
            }
            return page.answer(to: request.headers)
        }
        guard let document = documents[path] else {
            let names = documents.keys.sorted().joined(separator: ", ")
            throw APIError.notFound("There is no such contract; there are \(names).")
        }
        return OperationResponse(
            status: .ok, headers: [.contentType: "application/yaml; charset=utf-8"],
            body: .bytes(document.yaml(at: baseURL)))
    }

    private func page(at path: String) -> MadePage? {
        if let known = made.withLock({ $0[path] }) { return known }
        // Two that ask at once make it twice, which is the same.
        guard let page = reference.page(at: path).map(MadePage.init) else { return nil }
        made.withLock { $0[path] = page }
        return page
    }
}

/// A page of the reference as it is kept: packed, since nearly all clients unpack.
private struct MadePage: Sendable {
    let mediaType: String
    let tag: String
    /// Packed with gzip, or as it is without memory to pack it.
    let bytes: [UInt8]
    let isPacked: Bool

    init(_ page: ReferencePage) {
        mediaType = page.mediaType
        // FNV-1a: tells one content from another, and guards nothing.
        let hash = page.bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        tag = "\"\(String(hash, radix: 16))\""
        let packed = Gzip.compress(page.bytes)
        bytes = packed ?? page.bytes
        isPacked = packed != nil
    }

    func answer(to headers: HTTPFields) -> OperationResponse {
        var fields: HTTPFields = [
            .contentType: mediaType, .eTag: "W/" + tag, .cacheControl: "no-cache", .vary: "Accept-Encoding",
            .contentSecurityPolicy: Self.policy,
        ]
        if headers.hasEntity(tagged: tag) { return OperationResponse(status: .notModified, headers: fields) }
        guard isPacked else { return OperationResponse(status: .ok, headers: fields, body: .shared(bytes)) }
        if headers.acceptsGzip {
            fields[.contentEncoding] = "gzip"
            return OperationResponse(status: .ok, headers: fields, body: .shared(bytes))
        }
        return OperationResponse(status: .ok, headers: fields, body: .bytes(unpacked))
    }

    private var unpacked: [UInt8] { Gzip.decompress(bytes) ?? [] }

    /// Nothing but the server's own style, script and list of what can be searched, and nothing within the page.
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'"
}

extension Surface {
    /// What the reference shows of the surface.
    var reference: ReferenceInterface {
        ReferenceInterface(
            contract: contract, unserved: Set(missingOperations.map(\.operationId)),
            callers: Dictionary(access.map { ($0.operation.operationId, $0.callers) }, uniquingKeysWith: { $1 }))
    }
}
