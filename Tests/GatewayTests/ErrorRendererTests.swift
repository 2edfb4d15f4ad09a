import HTTPTypes
import JSON
import Testing

@testable import Gateway

@Suite struct ErrorRendererTests {
    private func body(_ response: OperationResponse) throws -> JSONValue {
        guard case .bytes(let bytes) = response.body else { return .null }
        return try JSONValue(parsing: bytes)
    }

    @Test func sextantsOwnForm() throws {
        let error = APIError.invalid("users[3].user_id", "user_id is \"bad\"\n\u{1F}.")
        let response = ErrorRenderer.sextant.response(to: error)
        #expect(response.status == .badRequest)
        #expect(response.headers[.contentType] == "application/json")
        #expect(
            try body(response) == [
                "error": [
                    "code": "bad_request", "message": "user_id is \"bad\"\n\u{1F}.",
                    "fields": [["field": "users[3].user_id", "message": "user_id is \"bad\"\n\u{1F}."]],
                ]
            ])
    }

    @Test(arguments: [
        (HTTPResponse.Status.notFound, "not_found"), (.methodNotAllowed, "method_not_allowed"),
        (.contentTooLarge, "content_too_large"), (.tooManyRequests, "too_many_requests"),
        (.internalServerError, "internal_server_error"), (.notImplemented, "not_implemented"),
    ])
    func codesAreTheStatusInWords(_ status: HTTPResponse.Status, code: String) throws {
        let response = ErrorRenderer.sextant.response(to: APIError(status, "x"))
        #expect(try body(response)["error"]?["code"]?.string == code)
    }

    @Test func headersOfTheErrorAreKept() {
        let response = ErrorRenderer.sextant.response(to: .tooManyRequests("Wait.", retryAfterSeconds: 9))
        #expect(response.status == .tooManyRequests)
        #expect(response.headers[.retryAfter] == "9")
        #expect(response.headers[values: .contentType] == ["application/json"])
    }
}
