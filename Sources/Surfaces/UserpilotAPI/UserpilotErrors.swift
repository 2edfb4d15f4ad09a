public import Gateway
import HTTPTypes
import JSON

extension ErrorRenderer {
    /// `{"errors": [{"details", "error", "error_code", "message"}]}` (contract schema `ErrorResponse`).
    public static let userpilot = ErrorRenderer { error in
        let details = error.fields.map { $0.name.isEmpty ? $0.message : "\($0.name): \($0.message)" }
        return [
            "errors": [
                [
                    "details": details.isEmpty ? .null : .string(details.joined(separator: "; ")),
                    "error": .string(error.status.label), "error_code": .string("\(error.status.code)"),
                    "message": .string(error.message),
                ]
            ]
        ]
    }
}

extension HTTPResponse.Status {
    /// The vendor's short label; its examples say "Resource not found" where HTTP says "Not Found".
    fileprivate var label: String {
        self == .notFound ? "Resource not found" : reasonPhrase
    }
}
