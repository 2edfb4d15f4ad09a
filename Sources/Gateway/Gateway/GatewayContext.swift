import HTTPTypes
public import Hummingbird
import NIOCore

/// What is known of a request besides what it holds: the connection that it came over.
public struct GatewayContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// Asked for at once, as a connection that is reset no longer tells; nil when it is by then.
    let peer: SocketAddress?
    let channel: any Channel

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        peer = source.channel.remoteAddress
    }

    /// Has a client that waits before it sends its body go on.
    func inviteBody(of headers: HTTPFields) {
        guard headers.awaitsInvitation else { return }
        channel.triggerUserOutboundEvent(BodyInvitation(), promise: nil)
    }
}
