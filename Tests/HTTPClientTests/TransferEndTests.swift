import NIOCore
import Testing

@testable import HTTPClient

/// Who waits, for how much, and for how long.
struct TransferEndTests {
    private func wait(for note: String, of path: String) async throws {
        while try await HTTPService.note(path) != note { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// Of an answer that nobody reads only so much is under way as buffers hold.
    @Test func aSlowReaderHoldsTheAnswerBack() async throws {
        let size = 96 << 20
        let path = "/flood/\(size)"
        var chunks = try await HTTPService.get(path).body.makeAsyncIterator()
        var received = try await chunks.next()?.readableBytes ?? 0
        var (before, sent) = ("", try await HTTPService.note(path))
        while before != sent {
            try await Task.sleep(for: .milliseconds(300))
            (before, sent) = (sent, try await HTTPService.note(path))
        }
        #expect((Int(sent) ?? size) < size / 2)
        while let chunk = try await chunks.next() { received += chunk.readableBytes }
        #expect(received == size)
        try await wait(for: "done", of: path)
    }

    @Test func whoeverLetsGoEndsTheTransfer() async throws {
        let path = "/flood/\(97 << 20)"
        do {
            let answer = try await HTTPService.get(path)
            #expect(answer.status == 200)
        }
        try await wait(for: "broken", of: path)
    }

    @Test func aCancelledTaskEndsTheTransfer() async throws {
        let path = "/flood/\(98 << 20)"
        let answer = try await HTTPService.get(path)
        let reading = Task {
            for try await _ in answer.body { try await Task.sleep(for: .seconds(600)) }
        }
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
        var chunks = answer.body.makeAsyncIterator()
        let rest = Task { while try await chunks.next() != nil {} }
        rest.cancel()
        await #expect(throws: CancellationError.self) { try await rest.value }
        try await wait(for: "broken", of: path)
    }

    @Test func aCancelledTaskDoesNotWaitForAnAnswer() async throws {
        let asking = Task { try await HTTPService.get("/hang/cancelled") }
        try await wait(for: "asked", of: "/hang/cancelled")
        asking.cancel()
        await #expect(throws: CancellationError.self) { try await asking.value }
        try await wait(for: "closed", of: "/hang/cancelled")
    }

    @Test func anAnswerThatDoesNotBeginIsGivenUp() async throws {
        var request = ClientRequest(method: "GET", url: try await HTTPService.url("/hang/late"))
        request.answerTimeoutSeconds = 1
        await #expect(throws: HTTPClientError.noAnswer(seconds: 1)) { try await HTTPClient.send(request) }
        try await wait(for: "closed", of: "/hang/late")
    }

    @Test func anAnswerThatDoesNotEndIsGivenUp() async throws {
        var request = ClientRequest(method: "GET", url: try await HTTPService.url("/stall/late"))
        request.bodyTimeoutSeconds = 1
        let answer = try await HTTPClient.send(request)
        #expect(answer.status == 200)
        var chunks = answer.body.makeAsyncIterator()
        #expect(try await chunks.next().map { Array($0.readableBytesView) } == Array("begin".utf8))
        await #expect(throws: HTTPClientError.noAnswer(seconds: 1)) { try await chunks.next() }
        try await wait(for: "closed", of: "/stall/late")
    }

    @Test func aConnectionWithoutABytePassingIsGivenUp() async throws {
        var request = ClientRequest(method: "GET", url: try await HTTPService.url("/hang/idle"))
        request.idleTimeoutSeconds = 1
        await #expect(throws: HTTPClientError.self) { try await HTTPClient.send(request) }
        try await wait(for: "closed", of: "/hang/idle")
    }
}
