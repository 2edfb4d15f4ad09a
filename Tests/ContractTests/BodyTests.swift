import Contract
import HTTPTypes
import JSON
import Testing

/// Bodies of the real contracts, good and hostile.
@Suite struct BodyTests {
    private func findings(_ document: String, _ operation: String, _ body: String) throws -> [String] {
        let operation = try #require(try DocumentTests.document(document).operation(operation))
        let schema = try #require(operation.requestBody?.content["application/json"]?.schema)
        return schema.validate(try JSONDocument(parsing: body).root).map(\.description)
    }

    @Test func userpilotTrack() throws {
        let operation = try #require(
            try DocumentTests.document("userpilot").operations.first { $0.path == "/v1/track" && $0.method == .post })
        let id = operation.operationId
        #expect(
            try findings("userpilot", id, #"{"user_id":"u","event_name":"e","metadata":{"a":[1,{"b":null}]}}"#) == [])
        #expect(
            try findings("userpilot", id, #"{"user_id":"u","event_name":7}"#) == [
                "event_name must be a string, got a number"
            ])
        #expect(try findings("userpilot", id, "[]") == ["the body must be an object, got an array"])
        #expect(try findings("userpilot", id, #""x""#) == ["the body must be an object, got a string"])
        #expect(try findings("userpilot", id, "{}").contains("event_name is required"))
    }

    @Test func convertExperienceChanges() throws {
        let document = try DocumentTests.document("convert")
        let change = try #require(document.schema("ExperienceChangeAdd"))
        func findings(_ text: String) throws -> [String] {
            change.validate(try JSONDocument(parsing: text).root).map(\.description)
        }
        #expect(try findings(#"{"type":"defaultCode","data":{"js":null,"css":"a{}","custom_js":""}}"#) == [])
        #expect(
            try findings(#"{"type":"defaultCode","data":{"js":null,"css":1}}"#)
                == ["data.css must be a string, got a number", "data.custom_js is required"])
        #expect(
            try findings(#"{"type":"defaultCode","data":{"js":null,"css":"","custom_js":"","x":1}}"#)
                == ["data.x is not a known property"])
        #expect(try findings(#"{"type":"nonsense"}"#).first?.hasPrefix("type must be one of ") == true)
        let update = try #require(document.schema("ExperienceChangeUpdate"))
        let body = try JSONDocument(parsing: #"{"id":5,"type":"customCode","data":{"css":"x"}}"#).root
        #expect(update.validate(body).map(\.description) == [])
    }

    @Test func servingTracking() throws {
        let document = try DocumentTests.document("convert-serving")
        let event = try #require(document.schema("VisitorTrackingEvents"))
        func findings(_ text: String) throws -> [String] {
            event.validate(try JSONDocument(parsing: text).root).map(\.description)
        }
        #expect(try findings(#"{"eventType":"bucketing","data":{"experienceId":"1","variationId":"2"}}"#) == [])
        #expect(
            try findings(
                #"{"eventType":"conversion","data":{"goalId":"1","goalData":[{"key":"amount","value":10.3}]}}"#) == [])
        #expect(
            try findings(#"{"eventType":"bucketing","data":{"experienceId":1,"variationId":"2"}}"#) == [])
        #expect(
            try findings(#"{"eventType":"conversion","data":{"goalId":"1","goalData":[{"key":"x","value":{}}]}}"#).count
                == 2)
    }

    @Test(arguments: DocumentTests.names) func hostileBodiesAreOnlyRefused(name: String) throws {
        let deep = String(repeating: "[", count: 63) + String(repeating: "]", count: 63)
        let wide = "{" + (0..<20_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
        let odd = [
            "null", "0", "-1e300", #""""#, "[]", "{}", "[[]]", #"{"":{}}"#, #"{"type":{}}"#, #"{"id":[]}"#, deep, wide,
        ]
        let nodes = try odd.map { try JSONDocument(parsing: $0).root }
        for operation in try DocumentTests.document(name).operations {
            guard let schema = operation.requestBody?.content["application/json"]?.schema else { continue }
            for node in nodes {
                let violations = schema.validate(node)
                #expect(violations.count <= 50)
                #expect(violations.isEmpty == schema.isValid(node))
                #expect(violations.allSatisfy { !$0.message.isEmpty && $0.message.utf8.count < 4000 })
            }
        }
    }
}
