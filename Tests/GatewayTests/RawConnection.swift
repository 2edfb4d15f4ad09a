import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix

@testable import Gateway

/// A server of pages on a free port, for as long as a test runs.
struct PageServer {
    let port: Int

    /// - Parameter path: of the one page that there is.
    static func run(
        _ configuration: GatewayConfiguration = GatewayConfiguration(), tls: ListenAddress.TLS? = nil,
        page: @escaping @Sendable () -> OperationResponse, _ body: (PageServer) async throws -> Void
    ) async throws {
        let (ports, port) = AsyncStream<Int>.makeStream()
        let responder = try ThingsSurface().responder(pages: [TestPage(answer: page)], configuration: configuration)
        let application = try GatewayServer.makeApplication(
            responder: Entrance(responder), configuration: configuration,
            address: ListenAddress(host: "127.0.0.1", port: 0, tls: tls), logger: ThingsSurface.logger
        ) { port.yield($0) }
        let running = Task { try await application.run() }
        defer { running.cancel() }
        guard let number = await ports.first(where: { _ in true }) else { return }
        try await body(PageServer(port: number))
    }

    /// Connects, and gives the connection up at the end.
    func connect<Value>(_ body: (RawConnection) async throws -> Value) async throws -> Value {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.socketOption(.so_rcvbuf), value: 64 * 1_024)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(
                            backPressureStrategy: .init(lowWatermark: 1, highWatermark: 1),
                            isOutboundHalfClosureEnabled: true))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await body(RawConnection(inbound: inbound.makeAsyncIterator(), outbound: outbound))
        }
    }
}

/// A connection whose client reads when it likes to.
final class RawConnection {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

    fileprivate init(
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.inbound = inbound
        self.outbound = outbound
    }

    /// Asks for the page, and leaves the answer where it is.
    func ask(_ lines: String...) async throws {
        let head = ["GET /page HTTP/1.1", "Host: a"] + lines
        try await outbound.write(ByteBuffer(string: head.joined(separator: "\r\n") + "\r\n\r\n"))
    }

    /// Sends bytes as they are.
    func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

    /// Says that nothing more comes.
    func finish() { outbound.finish() }

    /// All that comes until the connection ends.
    func text() async -> String {
        var all = ByteBuffer()
        while var piece = await piece() { all.writeBuffer(&piece) }
        return String(buffer: all)
    }

    /// What comes next; nil at the end, however it comes.
    func piece() async -> ByteBuffer? { try? await inbound.next() }

    /// The status of the answer that comes next, 0 when none comes.
    func status() async -> Int {
        guard let first = await piece() else { return 0 }
        return String(buffer: first).split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }

    /// Bytes until the connection ends.
    func countToEnd(pausing pause: Duration? = nil) async -> Int {
        var count = 0
        while let piece = await piece() {
            count += piece.readableBytes
            if let pause { try? await Task.sleep(for: pause) }
        }
        return count
    }
}

private struct TestPage: Page {
    let answer: @Sendable () -> OperationResponse

    var label: String { "page.test" }

    func serves(_ path: String) -> Bool { path == "/page" }

    func respond(to request: Request) async throws -> OperationResponse { answer() }
}
