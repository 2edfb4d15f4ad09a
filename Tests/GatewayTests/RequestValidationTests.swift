import CZlib
import HTTPTypes
import HummingbirdTesting
import JSON
import NIOCore
import Testing

@testable import Gateway

/// What the gateway refuses before a handler sees it.
@Suite struct RequestValidationTests {
    private let things = ThingsSurface()

    private func post(
        _ path: String, _ headers: HTTPFields, _ body: [UInt8], method: HTTPRequest.Method = .post
    ) async throws -> TestResponse {
        try await things.test { client in
            try await client.execute(uri: path, method: method, headers: headers, body: ByteBuffer(bytes: body)) { $0 }
        }
    }

    private func create(_ body: String, _ type: String? = "application/json") async throws -> TestResponse {
        try await post("/api/things", .key(type), Array(body.utf8))
    }

    @Test(arguments: [
        "application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/json ;charset=utf-8",
        nil,
    ])
    func jsonMayBeNamedInManyWays(_ type: String?) async throws {
        #expect(try await create(#"{"name": "a"}"#, type).status == .created)
        #expect(things.calls == ["create a"])
    }

    @Test(arguments: ["text/plain", "application/xml", "application/jsonx", "json", "multipart/form-data"])
    func otherTypesAreNotTaken(_ type: String) async throws {
        let response = try await create(#"{"name": "a"}"#, type)
        #expect(response.status == .unsupportedMediaType)
        #expect(try response.json["oops"]?.string?.contains("application/json") == true)
        #expect(things.calls.isEmpty)
        #expect(things.refusals == ["createThing 415"])
    }

    @Test(arguments: [
        ("{oops", ""), ("", ""), (" ", ""), ("{}", "name"), (#"{"name": ""}"#, "name"), (#"{"name": 1}"#, "name"),
        (#"{"name": "a", "count": "x"}"#, "count"), ("[]", ""), ("null", ""), (#"{"name": "a"} trailing"#, ""),
        (#"{"name": "a", "name": "b"}"#, "name"), (#"{"name": "\u0000"}"#, "name"),
        (String(repeating: "[", count: 400) + String(repeating: "]", count: 400), ""),
    ])
    func badBodiesAreRefusedWithTheFieldNamed(_ body: String, field: String) async throws {
        let response = try await create(body)
        #expect(response.status == .badRequest)
        #expect(try response.json["oops"]?.string?.isEmpty == false)
        if !field.isEmpty { #expect(try response.errorFields.contains(field)) }
        #expect(things.calls.isEmpty)
        #expect(things.refusals == ["createThing 400"])
    }

    @Test func invalidUTF8IsRefused() async throws {
        let response = try await post(
            "/api/things", .key("application/json"), Array(#"{"name": ""#.utf8) + [0xC3, 0x28, 0x22, 0x7D])
        #expect(response.status == .badRequest)
    }

    @Test func everythingThatIsWrongIsNamedAtOnce() async throws {
        let response = try await create(#"{"name": 1, "count": "x"}"#)
        #expect(Set(try response.errorFields) == ["name", "count"])
    }

    @Test(arguments: ["0", "101", "x", "1.5", "99999999999999999999", "-1", "%00"])
    func badParametersAreRefused(_ limit: String) async throws {
        let response = try await things.test { client in
            try await client.execute(uri: "/api/things?limit=\(limit)", method: .get, headers: .key) { $0 }
        }
        #expect(response.status == .badRequest)
        #expect(try response.errorFields == ["limit"])
    }

    @Test func theLargestBodyIsTakenAndNoLarger() async throws {
        func body(_ count: Int) -> String { #"{"name": "\#(String(repeating: "x", count: count - 12))"}"# }
        #expect(try await create(body(1_000)).status == .created)
        let response = try await create(body(1_001))
        #expect(response.status == .contentTooLarge)
        #expect(try response.json["oops"]?.string?.contains("1000") == true)
        #expect(response.headers[.connection] == "close")
    }

    @Test func anOptionalBodyMayBeMissing() async throws {
        let none = try await things.test { client in
            try await client.execute(uri: "/api/optional", method: .put, headers: .key) { try $0.json }
        }
        #expect(none == ["body": false])
        #expect(
            try await post("/api/optional", .key("application/json"), Array("{}".utf8), method: .put).json == [
                "body": true
            ])
        #expect(
            try await post("/api/optional", .key("application/json"), Array("[]".utf8), method: .put).status
                == .badRequest)
    }

    @Test func operationsMayTakeBodiesAsTheyCome() async throws {
        for type in ["application/x-ndjson", "multipart/form-data; boundary=x", "application/json"] {
            let response = try await post("/api/files", .key(type), Array("{oops".utf8))
            #expect(response.status == .accepted, "\(type)")
        }
        #expect(try await post("/api/files", .key("text/csv"), [1]).status == .unsupportedMediaType)
        #expect(try await post("/api/files", .key("application/json"), []).status == .badRequest)
    }

    @Test func packedBodiesAreUnpackedWithinTheLimit() async throws {
        let text = Array(#"{"name": "packed"}"#.utf8)
        for encoding in ["gzip", "GZIP", "x-gzip"] {
            let response = try await post(
                "/api/things", .key("application/json", encoding: encoding), try Gzip.pack(text))
            #expect(response.status == .created)
        }
        #expect(try await post("/api/things", .key("application/json", encoding: "identity"), text).status == .created)
        let bomb = try Gzip.pack(Array(repeating: 0x20, count: 100_000))
        #expect(bomb.count < 1_000)
        #expect(
            try await post("/api/things", .key("application/json", encoding: "gzip"), bomb).status == .contentTooLarge)
        #expect(try await post("/api/things", .key("application/json", encoding: "gzip"), text).status == .badRequest)
        for encoding in ["br", "deflate", "gzip, gzip", String(repeating: "x", count: 1_000)] {
            let response = try await post("/api/things", .key("application/json", encoding: encoding), text)
            #expect(response.status == .unsupportedMediaType)
        }
    }

    private func configuration(budget: Int) -> GatewayConfiguration {
        var configuration = GatewayConfiguration()
        configuration.memoryBudgetBytes = budget
        return configuration
    }

    @Test func bodiesKeepTheirSharesOfTheBudget() async throws {
        let large = [UInt8](repeating: 0x20, count: 200_000)
        let statuses = try await things.test(configuration: configuration(budget: 100_000)) { client in
            var statuses: [Int] = []
            for body in [large, Array("{}".utf8), large] {
                statuses.append(
                    try await client.execute(
                        uri: "/api/files", method: .post, headers: .key("application/json"),
                        body: ByteBuffer(bytes: body)
                    ) { $0.status.code })
            }
            return statuses
        }
        // More than a share is never to be had.
        #expect(statuses == [413, 202, 413])
        // A budget that is large enough is given back after each request.
        let enough = try await things.test(configuration: configuration(budget: 16_000_000)) { client in
            var statuses: [Int] = []
            for _ in 0..<5 {
                statuses.append(
                    try await client.execute(
                        uri: "/api/files", method: .post, headers: .key("application/json"),
                        body: ByteBuffer(bytes: large)
                    ) { $0.status.code })
            }
            return statuses
        }
        #expect(enough == [202, 202, 202, 202, 202])
    }

    @Test func valuesCountAsWellAsBytes() async throws {
        let zeros = "[\(Array(repeating: "0", count: 100_000).joined(separator: ","))]"
        let statuses = try await things.test(configuration: configuration(budget: 16_000_000)) { client in
            var statuses: [Int] = []
            for body in [zeros, "[\"\(String(repeating: "x", count: 200_000))\"]"] {
                statuses.append(
                    try await client.execute(
                        uri: "/api/files", method: .post, headers: .key("application/json", encoding: "gzip"),
                        body: ByteBuffer(bytes: Gzip.pack(Array(body.utf8)))
                    ) { $0.status.code })
            }
            return statuses
        }
        #expect(statuses == [413, 202])
    }

    @Test func unpackingStopsWhereTheShareEnds() async throws {
        let packed = try Gzip.pack(Array(repeating: 0x20, count: 900_000))
        #expect(packed.count < 5_000)
        let status = try await things.test(configuration: configuration(budget: 1_000_000)) { client in
            try await client.execute(
                uri: "/api/files", method: .post, headers: .key("application/json", encoding: "gzip"),
                body: ByteBuffer(bytes: packed)
            ) { $0.status.code }
        }
        #expect(status == 413)
    }
}
