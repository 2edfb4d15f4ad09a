import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// What HTTP/1 says about connections and heads (RFC 9112), which what comes after no longer sees: how long a connection
/// lives, which heads are refused, and what the answer to a request that cannot be read says.
final class HTTP1Exchange: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// A request that is not answered yet.
    private struct Pending {
        let isHTTP10: Bool
        let keepsAlive: Bool
        /// Whether the client waits to be told that it may send the body.
        var awaitsInvitation: Bool
    }

    /// In the order of arrival: clients may send the next before they have the answer.
    private var pending = CircularBuffer<Pending>()
    /// What is left of the body under way, in bytes; a piece of one that comes in chunks.
    private(set) var bodyBytesLeft = 0
    private var hasChunks = false
    /// Told when an answer is over.
    var onAnswered: (() -> Void)?
    private var refusal: MalformedRequest?
    /// Whether the answer under way is the last.
    private var closesAfterAnswer = false
    /// Whether nothing that comes is looked at any more.
    private var isDeaf = false

    private static let chunkedPieceBytes = 16 * 1_024

    /// How long a client may go on sending after its last answer.
    private static let lingering = TimeAmount.seconds(5)

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDeaf else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): receive(head, context)
        case .body(let bytes):
            if !hasChunks { bodyBytesLeft = max(bodyBytesLeft - bytes.readableBytes, 0) }
            pass(data, context)
        case .end:
            bodyBytesLeft = 0
            pass(data, context)
        }
    }

    private func pass(_ data: NIOAny, _ context: ChannelHandlerContext) {
        // Whoever sends the body is not waiting.
        if !pending.isEmpty { pending[pending.index(before: pending.endIndex)].awaitsInvitation = false }
        context.fireChannelRead(data)
    }

    /// Requests whose answers are not over.
    var waitingCount: Int { pending.count }

    private func receive(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        if let malformation = MalformedRequest(head) {
            refusal = malformation
            isDeaf = true
            // It is answered where its turn comes, as what the parser refuses is.
            context.fireErrorCaught(HTTPParserError.unknown)
            return
        }
        var head = head
        let isHTTP10 = head.version.isBefore11
        let options = head.headers[canonicalForm: "connection"].map { $0.lowercased() }
        // After a request that asks for another protocol the parser reads nothing more. None is taken up (RFC 9110, 7.8), and the
        // next request needs another connection.
        let isLast = head.headers.contains(name: "upgrade") || head.method == .CONNECT
        let keepsAlive = !isLast && !options.contains("close") && (!isHTTP10 || options.contains("keep-alive"))
        // Looked for in this spelling further on.
        if !keepsAlive { head.headers.replaceOrAdd(name: "connection", value: "close") }
        // HTTP/1.0 does not know it (RFC 9110, 10.1.1).
        if isHTTP10 { head.headers.remove(name: "expect") }
        hasChunks = head.headers.contains(name: "transfer-encoding")
        bodyBytesLeft =
            hasChunks ? Self.chunkedPieceBytes : head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        pending.append(
            Pending(
                isHTTP10: isHTTP10, keepsAlive: keepsAlive,
                awaitsInvitation: BodyInvitation.isAwaited(head.headers[canonicalForm: "expect"])))
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError, refusal == nil { refusal = MalformedRequest(error) }
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where (100..<200).contains(head.status.code):
            // Whoever does not wait is spared it.
            guard pending.first?.awaitsInvitation == true else {
                promise?.succeed()
                return
            }
            pending[pending.startIndex].awaitsInvitation = false
            context.write(data, promise: promise)
        case .head(let head): answer(head, context, promise)
        case .body: context.write(data, promise: promise)
        case .end: end(data, context, promise)
        }
    }

    private func answer(_ head: HTTPResponseHead, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?)
    {
        guard let request = pending.first else {
            refuse(head, context, promise)
            return
        }
        var head = head
        let hasLength = head.headers.contains(name: "content-length") || !head.status.mayHaveResponseBody
        // A client of HTTP/1.0 knows no chunks: what has no length ends with the connection.
        if request.isHTTP10, !hasLength { head.version = .http1_0 }
        closesAfterAnswer =
            !request.keepsAlive || request.awaitsInvitation || (request.isHTTP10 && !hasLength)
            || head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "close" }
        if closesAfterAnswer {
            head.headers.replaceOrAdd(name: "Connection", value: "close")
        } else if request.isHTTP10 {
            head.headers.replaceOrAdd(name: "Connection", value: "keep-alive")
        }
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }

    /// Says why a request could not be read, where the server only knows that.
    private func refuse(_ head: HTTPResponseHead, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?)
    {
        let answer = (refusal ?? MalformedRequest(.unknown)).answer
        var head = head
        head.status = HTTPResponseStatus(statusCode: answer.status.code, reasonPhrase: answer.status.reasonPhrase)
        head.headers.replaceOrAdd(name: "Content-Type", value: "application/json")
        head.headers.replaceOrAdd(name: "Content-Length", value: "\(answer.body.count)")
        head.headers.replaceOrAdd(name: "Connection", value: "close")
        closesAfterAnswer = true
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: promise)
    }

    private func end(_ data: NIOAny, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        _ = pending.popFirst()
        onAnswered?()
        guard closesAfterAnswer else {
            context.write(data, promise: promise)
            return
        }
        isDeaf = true
        let written = promise ?? context.eventLoop.makePromise()
        let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
        // The client learns at once that this was all, and has time to read it: to close altogether while it sends would
        // take away what it has not read yet.
        written.futureResult.whenComplete { _ in
            loopBound.value.close(mode: .output, promise: nil)
            loopBound.value.eventLoop.scheduleTask(in: Self.lingering) { loopBound.value.close(promise: nil) }
        }
        context.write(data, promise: written)
    }
}

/// Puts an ``HTTP1Exchange`` in front of what translates HTTP/1, and ``ReadAhead`` in front of what parses it, then leaves; on a
/// stream of HTTP/2 it only leaves.
final class HTTP1ExchangeInstaller: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        if let codec = try? pipeline.handler(type: HTTP1ToHTTPServerCodec.self) {
            let exchange = HTTP1Exchange()
            do {
                try pipeline.addHandler(exchange, position: .before(codec))
                let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
                try pipeline.addHandler(ReadAhead(exchange), position: .before(parser))
            } catch {
                context.close(promise: nil)
            }
        }
        pipeline.removeHandler(context: context, promise: nil)
    }
}
