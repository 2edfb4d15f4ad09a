import Contract
import JSON
import Testing

@Suite struct ResponseValidationTests {
    private func findings(_ operation: String, _ status: Int, _ type: String?, _ body: String) throws -> [String] {
        let operation = try #require(try DocumentTests.document("userpilot").operation(operation))
        return operation.validateResponse(status: status, mediaType: type, body: Array(body.utf8)).map(\.description)
    }

    @Test func answersOfTheContractPass() throws {
        let created =
            #"{"environment_app_token":"NX-1","environment_name":"p","job_id":"j","links":"/x","start_time":"t"}"#
        #expect(try findings("triggerExport", 201, "application/json; charset=utf-8", created) == [])
        let error = #"{"errors":[{"details":null,"error":"Conflict","error_code":"409","message":"m"}]}"#
        #expect(try findings("triggerExport", 409, "application/json", error) == [])
    }

    @Test func otherAnswersAreNamed() throws {
        #expect(
            try findings("triggerExport", 418, "application/json", "{}")
                == ["the body has status 418, which the contract does not list for triggerExport"])
        #expect(
            try findings("triggerExport", 201, "text/html", "<p>")
                == ["the body must be application/json with status 201, got text/html"])
        #expect(try findings("triggerExport", 201, "application/json", "{").first?.contains("malformed JSON") == true)
        #expect(
            try findings("triggerExport", 201, "application/json", #"{"job_id":7}"#)
                .contains("job_id must be a string, got a number"))
        #expect(
            try findings("listExportJobs", 200, "application/json", "{}") == [
                "the body must be an array, got an object"
            ])
    }
}
