import HTTPTypes
import JSON
import NIOCore
import Synchronization
import Testing

@testable import Gateway

/// Requests of HTTP/1 that come before their forerunners are answered.
@Suite(.timeLimit(.minutes(2))) struct ReadAheadTests {
    /// Numbers its answers.
    private func run(_ body: (PageServer) async throws -> Void) async throws {
        let count = Mutex<Int64>(0)
        let page = { @Sendable in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return OperationResponse.json(["number": .integer(number)])
        }
        try await PageServer.run(page: page, body)
    }

    private func numbers(_ text: String) -> [Int] {
        text.split(separator: "{\"number\":").dropFirst().compactMap { Int($0.prefix { $0 != "}" }) }
    }

    private static let request = "GET /page HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(arguments: [1, 15, 16, 17, 2_000]) func allAreAnsweredInTheirOrder(_ count: Int) async throws {
        try await run { server in
            try await server.connect { connection in
                try await connection.send(String(repeating: Self.request, count: count))
                // What was sent before the end counts.
                connection.finish()
                #expect(numbers(await connection.text()) == Array(1...count))
            }
        }
    }

    @Test func theyGoOnAfterAPause() async throws {
        try await run { server in
            try await server.connect { connection in
                for _ in 0..<3 {
                    try await connection.send(String(repeating: Self.request, count: 100))
                    try await Task.sleep(for: .milliseconds(20))
                }
                try await connection.ask("Connection: close")
                #expect(numbers(await connection.text()) == Array(1...301))
            }
        }
    }

    /// A body is no request, however many it looks like.
    @Test func bodiesOfAnyLengthAreWhole() async throws {
        let body = String(repeating: Self.request, count: 5_000)
        let head = "POST /page HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        let chunk = "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
        let chunked = "POST /page HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)"
        try await run { server in
            try await server.connect { connection in
                // Pages take no bodies, which are left out.
                try await connection.send(Self.request + head + body + Self.request + chunked + Self.request)
                connection.finish()
                let text = await connection.text()
                #expect(numbers(text) == [1, 2, 3])
                #expect(text.split(separator: "HTTP/1.1 405").count == 3)
            }
        }
    }
}
