import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Tells a client that waits for it that its body will be read: `100 Continue` for `Expect: 100-continue` (RFC 9110,
/// 10.1.1). Sent as an event from where the body is about to be read, once nothing in the request's head is in the way.
struct BodyInvitation: Sendable {
    /// Whether one of the field's values asks for it.
    static func isAwaited(_ expectations: [some StringProtocol]) -> Bool {
        expectations.contains { $0.lowercased() == "100-continue" }
    }
}

/// Writes what a ``BodyInvitation`` says.
final class BodyInvitationHandler: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is BodyInvitation else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: promise)
    }
}
