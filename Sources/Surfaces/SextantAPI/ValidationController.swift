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
        if operation.document == "sextant", Self.batches.contains(operation.operationId) {
            throw APIError.invalid(
                "path", "Send events themselves to /api/sextant/v1/events/validate, which looks at each.")
        }
        var errors: [JSONValue] = []
        var unknown: [UnknownName] = []
        if operation.document == "userpilot", let type = Self.recorded(by: operation.operationId) {
            let list = Self.list(of: operation.operationId)
            let given = list.flatMap { body[$0] }.flatMap { $0.kind == .array ? $0 : nil }
            let rows = given.map { Array($0.elements.prefix(Self.maximumRows)) }
            let checked = ingestion.check(
                (rows ?? [body]).map { .success($0) }, as: type, in: key.stream, surface: .userpilot)
            for (position, check) in checked.checks.enumerated() {
                let place = rows == nil ? "" : "\(list ?? "")[\(position)]."
                if let rejection = check.rejection {
                    errors.append(Self.error(place + rejection.field, rejection.message))
                }
                unknown += check.unknown.map { UnknownName(path: place + $0.path, suggestion: $0.suggestion) }
            }
        } else if let schema = media.schema {
            errors = schema.validate(body).map { Self.error($0.field, "\($0)") }
            let keepsAll = operation.document == "gainsight-px" && Self.keepingAll.contains(operation.operationId)
            unknown = keepsAll ? [] : schema.unknownNames(in: body)
        }
        return .json([
            "operation": .string(label), "valid": .bool(errors.isEmpty),
            "errors": .array(Array(errors.prefix(Self.maximumErrors))),
            "unknown_fields": Array(unknown.prefix(UnknownName.maximumCount)).json,
        ])
    }

    private static let maximumErrors = 50
    /// Rows of a bulk call that are looked at.
    private static let maximumRows = 1_000
    /// Operations that take events of all types.
    private static let batches = ["ingestEvents", "validateEvents"]
    /// Operations of Gainsight PX's that keep what has no place of its own as an attribute.
    private static let keepingAll = [
        "createUser", "updateUser", "putUser", "putUserByBody", "createAccount", "updateAccount", "putAccount",
        "putAccountByBody", "createCustomEvent", "sendCustomEvent", "pushSegmentEvent",
    ]

    /// The member with the rows of a bulk call; nil for a call about one event.
    private static func list(of operationID: String) -> String? {
        switch operationID {
        case "bulkIdentifyUsers": "users"
        case "bulkIdentifyCompanies": "companies"
        default: nil
        }
    }

    /// What an operation records of each event; nil for one that takes none.
    private static func recorded(by operationID: String) -> EventType? {
        switch operationID {
        case "trackEvent": .track
        case "identifyUser", "bulkIdentifyUsers": .identifyUser
        case "identifyCompany", "bulkIdentifyCompanies": .identifyCompany
        default: nil
        }
    }

    private static func error(_ field: String, _ message: String) -> JSONValue {
        ["field": .string(field), "message": .string(message)]
    }
}
