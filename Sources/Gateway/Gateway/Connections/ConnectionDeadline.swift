import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends connections that only keep the server waiting: those that do not complete a request's head in time, drop by
/// drop or not at all, those whose body comes too slowly or stops, and those that go on sending after they were told that
/// their body is refused.
final class ConnectionDeadline: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let headDeadline: TimeAmount
    /// Enough for a client to finish what is under way and read the answer.
    private let lingering: TimeAmount = .seconds(5)
    /// A stream of HTTP/2 shares its connection: its sender learns of the end by a reset, and sooner is kinder.
    private let streamLingering: TimeAmount = .seconds(1)
    private var waitingSince: NIODeadline?
    /// Since when a body is arriving.
    private var bodySince: NIODeadline?
    private var bodyBytes = 0
    private var closesAfterResponse = false
    private var check: RepeatedTask?

    init(headDeadline: TimeAmount) {
        self.headDeadline = headDeadline
    }

    func handlerAdded(context: ChannelHandlerContext) {
        waitingSince = .now()
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        // One coarse timer a connection, instead of one a request.
        let interval = TimeAmount.nanoseconds(max(headDeadline.nanoseconds / 4, 1))
        check = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            let (handler, context) = loopBound.value
            if handler.isLate { context.close(promise: nil) }
        }
    }

    private var isLate: Bool {
        if let waitingSince, .now() - waitingSince > headDeadline { return true }
        guard let bodySince else { return false }
        let seconds = Double((.now() - bodySince).nanoseconds) / 1e9
        // Whoever reads the body tells a slow client so; this is for those that send nothing for it to notice.
        return BodyDeadline.isPassed(receivedBytes: bodyBytes, after: seconds - Self.readerSeconds)
    }

    /// How much earlier the reader of a body gives it up.
    private static let readerSeconds = 5.0

    func handlerRemoved(context: ChannelHandlerContext) {
        check?.cancel()
    }

    func channelInactive(context: ChannelHandlerContext) {
        check?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            waitingSince = nil
            bodySince = .now()
            bodyBytes = 0
        case .body(let bytes): bodyBytes += bytes.readableBytes
        case .end: bodySince = nil
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            closesAfterResponse = head.headerFields[.connection] == "close"
            // HTTP/2 forbids the field (RFC 9113, 8.2.2), and its codec would drop the whole answer for it. A stream's
            // channel has the connection for a parent, and that the listening socket.
            if isStream(context) {
                head.headerFields[.connection] = nil
                context.write(wrapOutboundOut(.head(head)), promise: promise)
                return
            }
        case .end:
            waitingSince = .now()
            if closesAfterResponse {
                let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
                context.eventLoop.scheduleTask(in: isStream(context) ? streamLingering : lingering) {
                    loopBound.value.close(promise: nil)
                }
            }
        case .body: break
        }
        context.write(data, promise: promise)
    }

    private func isStream(_ context: ChannelHandlerContext) -> Bool {
        context.channel.parent?.parent != nil
    }
}
