import Contract
import EventStore
import Events
import Gateway
import HTTPTypes
import Identity
import JSON
import Text

/// `validateBody`: whether a body is one that an operation of any interface takes, and what nothing would read of it. Nothing is
/// looked up or changed, so it says nothing of what the body names.
struct ValidationController: Sendable {
    private let routes: RouteTable
    private let ingestion: Ingestion

    /// - Parameters:
    ///   - contracts: of all interfaces.
    ///   - ingestion: knows events, of which their operations take more than their contracts say.
    init(contracts: [ContractDocument], ingestion: Ingestion) throws(ContractError) {
        routes = try RouteTable(contracts)
        self.ingestion = ingestion
    }

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("validateBody", allow: .send, validate)
    }

    private func validate(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let question = try request.json
        let method = HTTPRequest.Method(question["method"]?.string ?? "POST") ?? .post
        // Without what stands behind the path.
        let path = String((question["path"]?.string ?? "").prefix { $0 != "?" && $0 != "#" })
        guard case .matched(let operation, _) = routes.match(method, path) else {
            throw APIError.invalid("path", "There is no operation \(method.rawValue) at \(path.prefix(200)).")
        }
        let label = "\(operation.document).\(operation.operationId)"
        guard let body = question["body"] else { throw APIError.invalid("body", "body is required.") }
        guard let media = operation.requestBody?.content["application/json"] else {
            throw APIError.invalid("path", "\(label) takes no JSON body.")
        }
        var errors: [JSONValue] = []
        var unknown: [UnknownName] = []
        if operation.document == "userpilot", let type = Self.recorded(by: operation.operationId) {
            let check = ingestion.check([.success(body)], as: type, in: key.stream, surface: .userpilot)
            errors = check.compactMap(\.rejection).map(\.error)
            unknown = check.flatMap(\.unknown)
        } else if let schema = media.schema {
            errors = schema.validate(body).map { Self.error($0.field, "\($0)") }
            unknown = schema.unknownNames(in: body)
        }
        return .json([
            "operation": .string(label), "valid": .bool(errors.isEmpty), "errors": .array(errors),
            "unknown_fields": unknown.json,
        ])
    }

    /// What an operation for one event records; nil for others.
    private static func recorded(by operationID: String) -> EventType? {
        switch operationID {
        case "trackEvent": .track
        case "identifyUser": .identifyUser
        case "identifyCompany": .identifyCompany
        default: nil
        }
    }

    fileprivate static func error(_ field: String, _ message: String) -> JSONValue {
        ["field": .string(field), "message": .string(message)]
    }
}

extension EventRejection {
    fileprivate var error: JSONValue { ValidationController.error(field, message) }
}
