import NIOCore
import Testing

@testable import HTTPClient

/// Against Python's own server.
struct HTTPClientTests {
    private func send(_ method: String, _ body: ClientRequest.Body = .none) async throws -> ClientResponse {
        let request = ClientRequest(
            method: method, url: try await HTTPService.url("/echo"), headers: [("Content-Type", "a/b")], body: body)
        return try await HTTPClient.send(request)
    }

    @Test func answersComeWhole() async throws {
        let answer = try await HTTPService.get("/hello")
        #expect(answer.status == 200)
        #expect(answer.header("X-ONE") == "1")
        #expect(answer.headers.filter { $0.name.lowercased() == "x-one" }.map(\.value) == ["1", "2"])
        #expect(answer.header("X-Two") == nil)
        #expect(try await answer.body.collect(upTo: 5) == Array("hello".utf8))
        #expect(try await HTTPService.get("/chunked").body.collect(upTo: 100) == Array("one two".utf8))
    }

    @Test func aHeadHasNoBody() async throws {
        let answer = try await HTTPClient.send(ClientRequest(method: "HEAD", url: try await HTTPService.url("/hello")))
        #expect(answer.header("content-length") == "5")
        #expect(try await answer.body.collect(upTo: 0).isEmpty)
    }

    @Test(arguments: ["POST", "PUT", "DELETE"], [0, 1, 3_000_000])
    func bodiesGoOutWhole(_ method: String, _ count: Int) async throws {
        let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let answer = try await send(method, .bytes(body))
        let length = method == "DELETE" && count == 0 ? "null" : "\"\(count)\""
        #expect(
            answer.header("x-seen")
                == #"{"method": "\#(method)", "expect": null, "length": \#(length), "type": "a/b"}"#)
        #expect(try await answer.body.collect(upTo: count) == body)
    }

    @Test func bodiesAreReadWhileTheyGoOut() async throws {
        let count = 1_000_003
        let answer = try await send(
            "PUT",
            .pieces(count: count) { offset, target in
                for index in target.indices { target[index] = UInt8(truncatingIfNeeded: offset + index) }
                return target.count
            })
        #expect(
            try await answer.body.collect(upTo: count) == (0..<count).map { UInt8(truncatingIfNeeded: $0) })
    }

    @Test func whatKeepsABodyFromBeingReadIsTold() async throws {
        struct Lost: Error, Equatable {}
        await #expect(throws: Lost()) {
            try await send(
                "PUT",
                .pieces(count: 1_000_000) { offset, target in
                    guard offset < 100_000 else { throw Lost() }
                    return target.count
                })
        }
    }

    @Test func redirectsAreNotFollowed() async throws {
        let answer = try await HTTPService.get("/redirect")
        #expect(answer.status == 302 && answer.header("location") == "/hello")
    }

    @Test func aCutAnswerIsNoAnswer() async throws {
        let answer = try await HTTPService.get("/cut")
        await #expect(throws: HTTPClientError.self) { try await answer.body.collect(upTo: 10) }
    }

    @Test func aLargeAnswerIsNotCollected() async throws {
        let answer = try await HTTPService.get("/hello")
        await #expect(throws: HTTPClientError.tooLarge(limit: 4)) { try await answer.body.collect(upTo: 4) }
    }

    @Test func nobodyListening() async throws {
        await #expect(throws: HTTPClientError.self) {
            try await HTTPClient.send(ClientRequest(method: "GET", url: "http://127.0.0.1:1/"))
        }
    }

    @Test(arguments: ["a\nB: 1", "a\r", "\u{0}"])
    func nothingSlipsIntoTheHead(_ text: String) async throws {
        for request in [
            ClientRequest(method: "GET", url: "http://127.0.0.1:1/", headers: [("A", text)]),
            ClientRequest(method: "GET", url: "http://127.0.0.1:1/", headers: [(text, "a")]),
            ClientRequest(method: "GET", url: "http://127.0.0.1:1/\(text)"),
            ClientRequest(method: text, url: "http://127.0.0.1:1/"),
        ] {
            await #expect(throws: HTTPClientError.invalidRequest) { try await HTTPClient.send(request) }
        }
    }

    @Test func otherProtocolsAreRefused() async throws {
        await #expect(throws: HTTPClientError.self) {
            try await HTTPClient.send(ClientRequest(method: "GET", url: "file:///etc/passwd"))
        }
    }

    @Test func manyAtOnce() async throws {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<100 {
                group.addTask {
                    try await send("PUT", .bytes([UInt8](repeating: 1, count: index))).body.collect(upTo: 100).count
                }
            }
            let total = try await group.reduce(0, +)
            #expect(total == 4_950)
        }
    }
}
