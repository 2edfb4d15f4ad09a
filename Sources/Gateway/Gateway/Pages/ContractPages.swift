public import Contract
import HTTPTypes
public import Hummingbird

/// `/openapi/NAME.yaml`: the contracts as they are; `/docs`: the same for reading.
public struct ContractPages: Page {
    private let documents: [String: ContractDocument]
    private let html: [UInt8]

    public init(contracts: [ContractDocument]) {
        documents = Dictionary(contracts.map { ("/openapi/\($0.name).yaml", $0) }, uniquingKeysWith: { $1 })
        html = Array(ContractDocumentation(contracts: contracts).html.utf8)
    }

    public var label: String { "page.documentation" }

    public func serves(_ path: String) -> Bool {
        path == "/" || path == "/docs" || path == "/docs/" || path.hasPrefix("/openapi/")
    }

    public func respond(to request: Request) async throws -> OperationResponse {
        let path = request.uri.path
        if path == "/" { return OperationResponse(status: .found, headers: [.location: "/docs"]) }
        if path.hasPrefix("/docs") {
            return OperationResponse(
                status: .ok,
                headers: [
                    .contentType: "text/html; charset=utf-8",
                    .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'",
                ], body: .shared(html))
        }
        guard let document = documents[path] else {
            let names = documents.keys.sorted().joined(separator: ", ")
            throw APIError.notFound("There is no such contract; there are \(names).")
        }
        return OperationResponse(
            status: .ok, headers: [.contentType: "application/yaml; charset=utf-8"], body: .shared(document.yaml))
    }
}
