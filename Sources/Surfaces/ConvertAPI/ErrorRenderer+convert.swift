public import Gateway
import HTTPTypes
import JSON
public import Resources

extension ErrorRenderer {
    /// `{"code": 422, "message": "...", "fields": ["name"]}` (contract schema `ErrorData`, which knows a list of messages
    /// as well: here it is one text always, the findings one after the other in the order of `fields`).
    public static let convert = ErrorRenderer(invalidInputStatus: .unprocessableContent) { error in
        var body: JSONValue = ["code": .integer(Int64(error.status.code)), "message": .string(error.message)]
        let messages = error.fields.map(\.message)
        if messages.count > 1 { body["message"] = .string(messages.map(sentence).joined(separator: " ")) }
        let names = error.fields.map(\.name).filter { !$0.isEmpty }
        if !names.isEmpty { body["fields"] = .array(names.map { .string($0) }) }
        return body
    }
}

private func sentence(_ message: String) -> String {
    message.utf8.last.map { [UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "?")].contains($0) } ?? true
        ? message : message + "."
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
