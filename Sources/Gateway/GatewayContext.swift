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
        peer = source.channel.remoteAddress
        channel = source.channel
    }
}
