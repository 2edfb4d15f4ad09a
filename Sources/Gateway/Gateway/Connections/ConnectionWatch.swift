import NIOCore

/// What the streams of a connection have in common, one a connection: it ends one on which nothing is asked, such as a
/// handshake that never ends or a client of HTTP/2 that does not answer when it is told to go, and knows what its answers hold.
final class ConnectionWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    /// Until the first stream, or the first request of HTTP/1.
    private let firstDeadline: TimeAmount
    /// From the last stream on.
    private let idleTimeout: TimeAmount
    private let unreadLimit: Int
    private let admit: () -> ConnectionLimits.Place?
    private var openStreams = 0
    private var emptySince = NIODeadline.now()
    private var hadStreams = false
    /// Whether it speaks HTTP/2.
    private var isMultiplexed = false
    private var unread = 0
    private var check: RepeatedTask?

    /// - Parameters:
    ///   - unreadLimit: what answers may hold together, in bytes.
    ///   - admit: whether the connection's client may have another stream.
    init(
        firstDeadline: TimeAmount, idleTimeout: TimeAmount, unreadLimit: Int,
        admit: @escaping () -> ConnectionLimits.Place?
    ) {
        self.firstDeadline = firstDeadline
        self.idleTimeout = idleTimeout
        self.unreadLimit = unreadLimit
        self.admit = admit
    }

    /// The watch over a connection of HTTP/1, or over the one that a stream of HTTP/2 belongs to.
    static func over(_ channel: any Channel) -> ConnectionWatch? {
        for channel in [channel, channel.parent].compactMap({ $0 }) where channel.eventLoop.inEventLoop {
            if let watch = try? channel.pipeline.syncOperations.handler(type: ConnectionWatch.self) { return watch }
        }
        return nil
    }

    func handlerAdded(context: ChannelHandlerContext) {
        emptySince = .now()
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let interval = TimeAmount.nanoseconds(max(firstDeadline.nanoseconds / 4, 1))
        check = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            let (watch, context) = loopBound.value
            if watch.isIdle { context.close(promise: nil) }
        }
    }

    private var isIdle: Bool {
        openStreams == 0 && .now() - emptySince > (hadStreams ? idleTimeout : firstDeadline)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        check?.cancel()
    }

    /// The server stops. Requests of HTTP/1 under way are finished; a client of HTTP/2 is told to go, and has so long.
    private static let stopping = TimeAmount.seconds(10)

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            if !hadStreams {
                context.close(promise: nil)
            } else if isMultiplexed {
                let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
                context.eventLoop.scheduleTask(in: Self.stopping) { loopBound.value.close(promise: nil) }
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        check?.cancel()
        context.fireChannelInactive()
    }

    /// Notes a stream of HTTP/2, or that the connection speaks HTTP/1.
    /// - Returns: nil when its client has too many; it is to be closed then, as others are when they end.
    func open(isStream: Bool) -> ConnectionLimits.Place? {
        isMultiplexed = isStream
        openStreams += 1
        hadStreams = true
        return admit()
    }

    func close() {
        openStreams -= 1
        emptySince = .now()
    }

    /// Notes what an answer holds until it is written.
    /// - Returns: false when the connection's client leaves too much unread; then nothing is noted.
    func hold(_ bytes: Int) -> Bool {
        guard unread == 0 || bytes <= unreadLimit - unread else { return false }
        unread += bytes
        return true
    }

    func release(_ bytes: Int) {
        unread -= bytes
    }
}
