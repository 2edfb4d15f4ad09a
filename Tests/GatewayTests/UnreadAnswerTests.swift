import HTTPTypes
import NIOCore
import Testing

@testable import Gateway

/// Answers that nobody reads, or slowly.
@Suite(.timeLimit(.minutes(2))) struct UnreadAnswerTests {
    /// Says when nothing of a stream is left.
    private final class Sentinel: Sendable {
        let end: AsyncStream<Void>.Continuation

        init(_ end: AsyncStream<Void>.Continuation) { self.end = end }

        deinit { end.finish() }
    }

    private static func bytes(_ count: Int) -> OperationResponse {
        OperationResponse(status: .ok, body: .bytes([UInt8](repeating: 0x78, count: count)))
    }

    private static func stream(_ sentinel: Sentinel) -> OperationResponse {
        OperationResponse(
            status: .ok,
            body: .stream(length: 1 << 40) {
                AsyncThrowingStream {
                    withExtendedLifetime(sentinel) { ByteBuffer(repeating: 0x78, count: 64 * 1_024) }
                }
            })
    }

    private func patient(credit: Double = 600) -> GatewayConfiguration {
        var configuration = GatewayConfiguration()
        configuration.headDeadlineSeconds = 1
        configuration.idleTimeoutSeconds = 1
        configuration.answerPace.creditSeconds = credit
        return configuration
    }

    /// It takes several times as long as a connection may wait for its next request.
    @Test func whoReadsSlowlyAndSteadilyGetsAll() async throws {
        let page = { @Sendable in Self.bytes(1_000_000) }
        try await PageServer.run(patient(), page: page) { server in
            try await server.connect { connection in
                try await connection.ask("Connection: close")
                #expect(await connection.countToEnd(pausing: .milliseconds(150)) > 1_000_000)
            }
        }
    }

    @Test func whoReadsNothingIsCutAndTheSourceLetGo() async throws {
        let (ends, end) = AsyncStream<Void>.makeStream()
        let page = { @Sendable in Self.stream(Sentinel(end)) }
        try await PageServer.run(patient(credit: 1), page: page) { server in
            try await server.connect { connection in
                try await connection.ask()
                for await _ in ends {}
                #expect(await connection.countToEnd() < 1 << 30)
            }
        }
    }

    /// One stranger of an address may hold a megabyte here.
    @Test func whatIsNotReadCountsUntilItIsRead() async throws {
        var configuration = patient()
        configuration.memoryBudgetBytes = 16_000_000
        let page = { @Sendable in Self.bytes(700_000) }
        try await PageServer.run(configuration, page: page) { server in
            func status() async throws -> Int {
                try await server.connect { connection in
                    try await connection.ask("Connection: close")
                    return await connection.status()
                }
            }
            try await server.connect { connection in
                try await connection.ask("Connection: close")
                #expect(await connection.status() == 200)
                #expect(try await status() == 429)
                _ = await connection.countToEnd()
                while try await status() != 200 { try await Task.sleep(for: .milliseconds(20)) }
            }
        }
    }

    /// Connections that are cut, or whose clients leave, give back what their answers held.
    @Test func whatIsNeverReadIsGivenBack() async throws {
        var configuration = patient()
        configuration.memoryBudgetBytes = 16_000_000
        let page = { @Sendable in Self.bytes(700_000) }
        try await PageServer.run(configuration, page: page) { server in
            for _ in 0..<20 {
                var status = 429
                while status != 200 {
                    status = try await server.connect { connection in
                        try await connection.ask()
                        return await connection.status()
                    }
                    if status != 200 { try await Task.sleep(for: .milliseconds(20)) }
                }
            }
        }
    }

    @Test func aSecondLargeAnswerOfOneConnectionEndsItWhenTheFirstIsNotRead() {
        let watch = ConnectionWatch(firstDeadline: .seconds(1), idleTimeout: .seconds(1), unreadLimit: 100) { nil }
        #expect(watch.hold(150))
        #expect(!watch.hold(1))
        watch.release(150)
        #expect(watch.hold(60) && watch.hold(40) && !watch.hold(1))
    }
}
