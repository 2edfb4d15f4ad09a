public import Gateway
import HTTPTypes
import JSON
public import Resources

extension ErrorRenderer {
    /// `{"code": 422, "message": "...", "fields": ["name"]}` (contract schema `ErrorData`).
    public static let convert = ErrorRenderer(invalidInputStatus: .unprocessableContent) { error in
        var body: JSONValue = ["code": .integer(Int64(error.status.code)), "message": .string(error.message)]
        let messages = error.fields.map(\.message)
        if messages.count > 1 { body["message"] = .array(messages.map { .string($0) }) }
        let names = error.fields.map(\.name).filter { !$0.isEmpty }
        if !names.isEmpty { body["fields"] = .array(names.map { .string($0) }) }
        return body
    }
}

extension ExperimentsError: APIErrorConvertible {
    public var apiError: APIError {
        switch self {
        case .notFound(let message): return .notFound(message)
        case .conflict(let message): return .conflict(message)
        case .forbidden(let message): return APIError(.forbidden, message)
        case .invalid(let findings):
            var error = APIError.invalid(findings.first?.field ?? "", findings.first?.message ?? description)
            error.fields = findings.map { APIError.Field(name: $0.field, message: $0.message) }
            return error
        }
    }
}
