import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Gateway

/// What pages of other sites are told; whose they are is `ThingsSurface`'s to say.
@Suite struct CrossOriginTests {
    private let things = ThingsSurface()

    private func ask(
        _ method: HTTPRequest.Method, _ path: String, origin: String?, _ more: HTTPFields = .key,
        closed: (@Sendable () -> APIError)? = nil
    ) async throws -> TestResponse {
        var headers = more
        headers[.origin] = origin
        let responder = try things.responder(closed: closed)
        return try await things.application(Entrance(responder)).test(.router) { [headers] client in
            try await client.execute(uri: path, method: method, headers: headers) { $0 }
        }
    }

    private func preflight(
        _ path: String, _ method: String, origin: String = "https://good.example",
        closed: (@Sendable () -> APIError)? = nil
    ) async throws -> TestResponse {
        try await ask(.options, path, origin: origin, [.accessControlRequestMethod: method], closed: closed)
    }

    @Test func onlyThePagesThatMayReadAnAnswer() async throws {
        let good = try await ask(.get, "/api/things", origin: "https://good.example")
        #expect(good.headers[.accessControlAllowOrigin] == "https://good.example")
        #expect(good.headers[.vary] == "Origin")
        let bad = try await ask(.get, "/api/things", origin: "https://bad.example")
        #expect(bad.status == .ok && bad.headers[.accessControlAllowOrigin] == nil)
        #expect(bad.headers[.vary] == "Origin")
        let none = try await ask(.get, "/api/things", origin: nil)
        #expect(none.headers[.accessControlAllowOrigin] == nil && none.headers[.vary] == "Origin")
        // Nobody is known to have been asked: the answer only says so.
        let stranger = try await ask(.get, "/api/things", origin: "https://bad.example", [:])
        #expect(stranger.status == .unauthorized && stranger.headers[.accessControlAllowOrigin] == "*")
        let refused = try await ask(.get, "/api/things?limit=x", origin: "https://good.example")
        #expect(refused.status == .badRequest)
        #expect(refused.headers[.accessControlAllowOrigin] == "https://good.example")
        let wrong = try await ask(.put, "/api//things/", origin: "https://any.example")
        #expect(wrong.status == .methodNotAllowed && wrong.headers[.accessControlAllowOrigin] == "*")
        let shut = try await ask(.put, "/api/things/1", origin: "https://any.example")
        #expect(shut.status == .methodNotAllowed && shut.headers[.accessControlAllowOrigin] == nil)
        let closed = try await ask(.delete, "/api/things/1", origin: "https://good.example")
        #expect(closed.status == .noContent && closed.headers[.accessControlAllowOrigin] == nil)
    }

    @Test func theQuestionBeforeNeedsNoKey() async throws {
        let open = try await preflight("/api/things", "POST", origin: "https://any.example")
        #expect(open.status == .noContent && open.headers[.accessControlAllowOrigin] == "*")
        #expect(open.headers[.accessControlAllowMethods] == "GET, HEAD, POST, OPTIONS")
        #expect(open.headers[.accessControlMaxAge] != nil)
        for (path, method) in [("/api/things/1", "DELETE"), ("/api/things", "PUT"), ("/api/things", "no method")] {
            let shut = try await preflight(path, method)
            #expect(shut.status == .noContent && shut.headers[.accessControlAllowOrigin] == nil)
            #expect(shut.headers[.allow]?.contains("OPTIONS") == true)
        }
        #expect(try await preflight("/api/nothing", "GET").status == .notFound)
        #expect(things.calls.isEmpty)
    }

    @Test func aServerThatOpensSaysSoToPagesToo() async throws {
        let opening: @Sendable () -> APIError = { .unavailable("Later.", retryAfterSeconds: 1) }
        let question = try await preflight("/api/things", "POST", closed: opening)
        #expect(question.status == .noContent && question.headers[.accessControlAllowOrigin] == "*")
        // Whether it may is not known yet.
        #expect(question.headers[.accessControlMaxAge] == nil)
        let answer = try await ask(.post, "/api/things", origin: "https://good.example", closed: opening)
        #expect(answer.status == .serviceUnavailable && answer.headers[.accessControlAllowOrigin] == "*")
        #expect(answer.headers[.accessControlExposeHeaders]?.contains("Retry-After") == true)
    }
}
