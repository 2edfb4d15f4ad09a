import NIOCore

/// Lets requests of HTTP/1 in a few at a time. Clients may send the next before they have the answer, and a request that was
/// read takes many times its bytes: what is not let in yet stays bytes, of which few are read.
final class ReadAhead: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData

    private let exchange: HTTP1Exchange
    private var held: ByteBuffer?
    /// What the connection was asked, or has said, meanwhile.
    private var isReadAsked = false
    private var event: ChannelEvent?
    private var isDelivering = false

    /// Requests that wait for their answers before no more are let in.
    private static let mostRequests = 16
    /// Bytes that are let in at a time, which may hold some more; of a body as many as there are.
    private static let sliceBytes = 1_024

    init(_ exchange: HTTP1Exchange) {
        self.exchange = exchange
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        exchange.onAnswered = { [weak self] in
            guard let self, held != nil else { return }
            // What is written must not be held up by what is read.
            context.eventLoop.execute {
                let (handler, context) = loopBound.value
                handler.goOn(context)
            }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        exchange.onAnswered = nil
        held = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if held == nil { held = bytes } else { held?.writeBuffer(&bytes) }
        _ = deliver(context)
    }

    private func goOn(_ context: ChannelHandlerContext) {
        if deliver(context) { context.fireChannelReadComplete() }
        guard held == nil else { return }
        if let event {
            self.event = nil
            context.fireUserInboundEventTriggered(event)
        }
        if isReadAsked {
            isReadAsked = false
            context.read()
        }
    }

    /// - Returns: whether anything was let in.
    private func deliver(_ context: ChannelHandlerContext) -> Bool {
        guard !isDelivering else { return false }
        isDelivering = true
        defer { isDelivering = false }
        var isDelivered = false
        while var bytes = held, exchange.waitingCount < Self.mostRequests {
            let count = min(max(Self.sliceBytes, exchange.bodyBytesLeft), bytes.readableBytes)
            guard let slice = bytes.readSlice(length: count) else { break }
            held = bytes.readableBytes > 0 ? bytes : nil
            context.fireChannelRead(wrapInboundOut(slice))
            isDelivered = true
        }
        return isDelivered
    }

    func read(context: ChannelHandlerContext) {
        if held == nil { context.read() } else { isReadAsked = true }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if held != nil, let event = event as? ChannelEvent, event == .inputClosed {
            self.event = event
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        held = nil
        context.fireChannelInactive()
    }
}
