public import Gateway
import HTTPTypes
import JSON

extension ErrorRenderer {
    /// `{"externalapierror": {"status", "message", "debugMessage", "subErrors"}}` (contract schema `ExternalApiError`); the
    /// message stands beside it too, as Segment's push has it.
    public static let gainsight = ErrorRenderer { error in
        let subErrors = error.fields.map { field -> JSONValue in
            ["field": .string(field.name), "message": .string(field.message)]
        }
        return [
            "externalapierror": [
                "status": .string(error.status.name), "message": .string(error.message), "debugMessage": nil,
                "subErrors": subErrors.isEmpty ? .null : .array(subErrors),
            ],
            "message": .string(error.message),
        ]
    }
}

extension HTTPResponse.Status {
    /// The name that the vendor's framework has for it, such as `NOT_FOUND`.
    fileprivate var name: String {
        String(reasonPhrase.uppercased().map { $0.isLetter ? $0 : "_" })
    }
}
