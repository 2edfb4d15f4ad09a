import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends connections that only keep the server waiting: those that do not complete a request's head in time, drop by
/// drop or not at all, those whose body comes too slowly or stops, those that do not read their answers, and those that go on
/// sending after they were told that their body is refused. Gives back what an answer holds once it is written.
final class ConnectionDeadline: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let headDeadline: TimeAmount
    /// Enough for a client to finish what is under way and read the answer.
    private let lingering: TimeAmount = .seconds(5)
    /// A stream of HTTP/2 shares its connection: its sender learns of the end by a reset, and sooner is kinder.
    private let streamLingering: TimeAmount = .seconds(1)
    /// How long slow readers are waited for when the server stops.
    private let stopping: TimeAmount = .seconds(10)
    private var stopsSince: NIODeadline?
    /// Since when the next request's head is waited for.
    private var waitingSince: NIODeadline?
    private var body = BodyPace()
    /// Requests whose answers are not written to their ends.
    private var openRequests = 0
    private var pace: AnswerPace
    /// Of the answer whose end comes next.
    private var hold: AnswerHold?
    /// Of answers that are not written to their ends.
    private var holds: [AnswerHold] = []
    private var closesAfterResponse = false
    private var check: RepeatedTask?
    private var watch: ConnectionWatch?
    private var place: ConnectionLimits.Place?

    init(headDeadline: TimeAmount, pace: AnswerPace.Limits) {
        self.headDeadline = headDeadline
        self.pace = AnswerPace(pace)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        waitingSince = .now()
        watch = ConnectionWatch.over(context.channel)
        place = watch?.open(isStream: isStream(context))
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        // Not before the channel is complete.
        if place == nil { context.eventLoop.execute { loopBound.value.1.close(promise: nil) } }
        // One coarse timer a connection, instead of one a request.
        let interval = TimeAmount.nanoseconds(max(headDeadline.nanoseconds / 4, 1))
        check = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            let (handler, context) = loopBound.value
            if handler.isLate { context.close(promise: nil) }
        }
    }

    private var isLate: Bool {
        if let waitingSince, .now() - waitingSince > headDeadline { return true }
        if isUnread {
            ConnectionMetrics.giveUp()
            return true
        }
        return body.isTooSlow(at: Self.now)
    }

    /// Whether the client does not read what it has asked for, or not while the server can wait for it.
    private var isUnread: Bool {
        if let stopsSince, .now() - stopsSince > stopping, pace.isWaiting { return true }
        return pace.isTooSlow(at: Self.now, isScarce: holds.contains { $0.lease.isScarce })
    }

    private static var now: Double { Double(NIODeadline.now().uptimeNanoseconds) / 1e9 }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        check?.cancel()
        check = nil
        hold = nil
        while let hold = holds.first { release(hold) }
        watch?.close()
        watch = nil
        place = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { stopsSince = .now() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            openRequests += 1
            waitingSince = nil
            body.begin(isFirst: openRequests == 1, at: Self.now)
        case .body(let bytes): body.receive(bytes.readableBytes)
        case .end: body.end()
        }
        context.fireChannelRead(data)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let hold = event as? AnswerHold else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        promise?.succeed()
        guard let watch, watch.hold(hold.lease.bytes) else {
            ConnectionMetrics.giveUp()
            context.close(promise: nil)
            return
        }
        self.hold = hold
        holds.append(hold)
    }

    private func release(_ hold: AnswerHold) {
        holds.removeAll { $0.lease === hold.lease }
        watch?.release(hold.lease.bytes)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.status.kind == .informational:
            context.write(data, promise: promise)
        case .head(var head):
            closesAfterResponse = head.headerFields[.connection] == "close"
            pace.begin()
            // HTTP/2 forbids the field (RFC 9113, 8.2.2), and its codec would drop the whole answer for it. A stream's
            // channel has the connection for a parent, and that the listening socket.
            if isStream(context) { head.headerFields[.connection] = nil }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body(let bytes):
            let count = bytes.readableBytes
            write(data, context, promise) { $0.pace.write(count, at: Self.now) }
        case .end:
            let hold = hold
            let closes = closesAfterResponse
            self.hold = nil
            write(data, context, promise) { handler in
                handler.pace.write(0, at: Self.now)
                if let hold { handler.release(hold) }
                handler.isWritten(closes: closes, context)
            }
        }
    }

    /// Passes a part of an answer on, and does something once it is written to the socket, or can no longer be.
    private func write(
        _ data: NIOAny, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?,
        then action: @escaping (ConnectionDeadline) -> Void
    ) {
        pace.handOver(at: Self.now)
        let written = promise ?? context.eventLoop.makePromise()
        written.futureResult.assumeIsolated().whenComplete { _ in action(self) }
        context.write(data, promise: written)
    }

    /// An answer is written to its end.
    private func isWritten(closes: Bool, _ context: ChannelHandlerContext) {
        // What cannot be read is answered, too.
        openRequests = max(openRequests - 1, 0)
        if openRequests == 1 { body.takeTurn(at: Self.now) }
        // The next request may be there already.
        if openRequests == 0, check != nil { waitingSince = .now() }
        guard closes else { return }
        let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: isStream(context) ? streamLingering : lingering) {
            loopBound.value.close(promise: nil)
        }
    }

    private func isStream(_ context: ChannelHandlerContext) -> Bool {
        context.channel.parent?.parent != nil
    }
}
