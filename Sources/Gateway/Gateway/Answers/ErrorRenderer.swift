public import HTTPTypes
public import JSON

/// Gives errors the form of one surface.
public struct ErrorRenderer: Sendable {
    /// What a request that breaks the contract is answered with.
    let invalidInputStatus: HTTPResponse.Status
    private let body: @Sendable (APIError) -> JSONValue

    public init(
        invalidInputStatus: HTTPResponse.Status = .badRequest, body: @escaping @Sendable (APIError) -> JSONValue
    ) {
        self.invalidInputStatus = invalidInputStatus
        self.body = body
    }

    func response(to error: APIError) -> OperationResponse {
        var error = error
        if error.breaksContract { error.status = invalidInputStatus }
        var response = OperationResponse.json(body(error), status: error.status)
        response.headers.append(contentsOf: error.headers)
        return response
    }

    /// The form of Sextant's own surface, and of addresses that belong to none:
    /// `{"error": {"code": "not_found", "message": "...", "fields": [{"field": "...", "message": "..."}]}}`.
    public static let sextant = ErrorRenderer { error in
        let fields = error.fields.map { field -> JSONValue in
            ["field": .string(field.name), "message": .string(field.message)]
        }
        let code = error.status.reasonPhrase.lowercased().map { $0.isLetter ? $0 : "_" }
        return [
            "error": ["code": .string(String(code)), "message": .string(error.message), "fields": .array(fields)]
        ]
    }
}
