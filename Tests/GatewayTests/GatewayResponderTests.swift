import HTTPTypes
import HummingbirdTesting
import JSON
import NIOCore
import Testing

@testable import Gateway

@Suite struct GatewayResponderTests {
    private let things = ThingsSurface()

    /// The status that a request gets.
    private func status(
        _ method: HTTPRequest.Method, _ path: String, _ headers: HTTPFields = .key, _ body: String? = nil
    ) async throws -> Int {
        try await things.test { client in
            try await client.execute(
                uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }
            ) { $0.status.code }
        }
    }

    private func response(
        _ method: HTTPRequest.Method, _ path: String, _ headers: HTTPFields = .key, _ body: String? = nil
    ) async throws -> TestResponse {
        try await things.test { client in
            try await client.execute(
                uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }
            ) { $0 }
        }
    }

    @Test func aGoodRequestReachesItsHandler() async throws {
        let response = try await response(.get, "/api/things?limit=7")
        #expect(response.status == .ok)
        #expect(try response.json == ["things": ["a", "b"]])
        #expect(response.headers[.contentType] == "application/json")
        #expect(response.headers[.xContentTypeOptions] == "nosniff")
        #expect(response.headers[HTTPField.Name("x-request-id")!]?.isEmpty == false)
        #expect(things.calls == ["list 7"])
    }

    @Test func withoutAKeyNothingElseIsLookedAt() async throws {
        let requests: [(HTTPRequest.Method, String, String?, String?)] = [
            (.get, "/api/things", nil, nil), (.get, "/api/things?limit=x", nil, nil),
            (.post, "/api/things", "application/json", "{oops"), (.post, "/api/things", "text/plain", "x"),
            (.post, "/api/things", "application/json", String(repeating: "x", count: 5_000)),
            (.post, "/api/things", nil, nil), (.delete, "/api/things/1", nil, nil),
        ]
        for (method, path, type, body) in requests {
            for key in [nil, "Token bad", "", "good"] {
                var headers = HTTPFields()
                headers[.contentType] = type
                headers[.authorization] = key
                let response = try await response(method, path, headers, body)
                #expect(response.status == .unauthorized, "\(method) \(path)")
                #expect(response.headers[.wwwAuthenticate] == "Token")
                #expect(try response.json["oops"] == "Who are you?")
            }
        }
        #expect(things.calls.isEmpty)
        // Nobody known was refused anything.
        #expect(things.refusals.isEmpty)
    }

    @Test func bothSlashFormsAreServedWithoutARedirect() async throws {
        for path in [
            "/api/things", "/api/things/", "/api/things/a", "/api/things/a/", "/api/things/?limit=1", "/api//things",
            "/api/things//", "//api/things",
        ] {
            #expect(try await status(.get, path) == 200, "\(path)")
        }
        #expect(try await status(.post, "/api/things/", .key("application/json"), #"{"name": "a"}"#) == 201)
        for path in ["/api/things/a/b", "/api//things/a//b"] {
            #expect(try await status(.get, path) == 404, "\(path)")
        }
    }

    @Test func pathParametersAreDecodedOnce() async throws {
        _ = try await status(.get, "/api/things/a%2Fb%20c%2525")
        _ = try await status(.get, "/api/things/bulk:jobs:NX-1")
        _ = try await status(.get, "/api/things/%F0%9F%8E%89")
        #expect(things.calls == ["get a/b c%25", "get bulk:jobs:NX-1", "get 🎉"])
        for path in ["/api/things/%00", "/api/things/%FF", "/api/things/%", "/api/things/%4"] {
            #expect(try await status(.get, path) == 404, "\(path)")
        }
    }

    @Test func unknownAddressesAreAnsweredInTheFormOfTheirSurface() async throws {
        #expect(try await response(.get, "/api/nothing").json["oops"] != nil)
        for path in ["/elsewhere", "/", "/favicon.ico"] {
            let response = try await response(.get, path, [:])
            #expect(response.status == .notFound)
            #expect(try response.json["error"]?["code"] == "not_found")
        }
        let long = try await response(.get, "/api/" + String(repeating: "x", count: 5_000))
        #expect(long.status == .notFound)
        #expect(long.body.readableBytes < 1_000)
    }

    @Test func theWrongMethodIsToldWhichAreRight() async throws {
        for (method, path, allowed) in [
            (HTTPRequest.Method.put, "/api/things", ["GET", "POST"]), (.post, "/api/things/1/", ["DELETE", "GET"]),
            (.head, "/api/files", ["POST"]),
            (.get, "/api/files/", ["POST"]),
        ] {
            let response = try await response(method, path)
            #expect(response.status == .methodNotAllowed, "\(method) \(path)")
            let methods = response.headers[.allow]?.split(separator: ",").map { $0.filter { $0 != " " } } ?? []
            #expect(Set(methods).isSuperset(of: allowed + ["OPTIONS"]))
            #expect(!methods.contains(method.rawValue))
            #expect(methods.contains("HEAD") == methods.contains("GET"))
        }
        #expect(things.calls.isEmpty)
    }

    @Test func headIsGetWithoutTheBody() async throws {
        for path in ["/api/things", "/api/stream"] {
            let get = try await response(.get, path)
            let head = try await response(.head, path)
            #expect(head.status == get.status)
            #expect(head.body.readableBytes == 0)
            #expect(head.headers[.contentLength] == "\(get.body.readableBytes)")
            #expect(head.headers[.contentType] == get.headers[.contentType])
        }
        #expect(try await response(.get, "/api/stream").body == ByteBuffer(string: "one two three"))
    }

    @Test func whatNobodyServesYetIsSaidSo() async throws {
        let own = try await response(.get, "/api/unserved")
        #expect(own.status == .notImplemented)
        #expect(try own.json["oops"]?.string?.contains("things.unserved") == true)
        let other = try await response(.get, "/later/x", [:])
        #expect(other.status == .notImplemented)
        #expect(try other.json["error"]?["code"] == "not_implemented")
        #expect(try await status(.post, "/later/x") == 404)
    }

    @Test(arguments: FailureWay.allCases)
    func errorsOfLowerRoomsHaveTheirAnswers(_ way: FailureWay) async throws {
        let response = try await response(.get, "/api/failing/\(way.rawValue)")
        #expect(response.status.code == way.status)
        #expect(response.headers[.retryAfter] == way.retryAfter)
        #expect(try response.json["oops"]?.string?.isEmpty == false)
        let text = String(buffer: response.body)
        #expect(!text.contains("passwd"), "an error's own words leaked")
        if way == .unforeseen {
            let id = try #require(response.headers[HTTPField.Name("x-request-id")!])
            #expect(text.contains(id))
        }
        if way == .rejection { #expect(try response.errorFields == ["metadata.a"]) }
    }

    @Test func theBaseAddressIsTheHostsOrTheOperators() async throws {
        let own = try await things.test { client in
            try await client.execute(uri: "/api/things/1", method: .get, headers: .key) { try $0.json["base"]?.string }
        }
        #expect(own?.hasPrefix("http://") == true)
        var configuration = GatewayConfiguration()
        configuration.publicURL = "https://p.example"
        let configured = try await things.test(configuration: configuration) { client in
            try await client.execute(uri: "/api/things/1", method: .get, headers: .key) { try $0.json["base"]?.string }
        }
        #expect(configured == "https://p.example")
    }
}
