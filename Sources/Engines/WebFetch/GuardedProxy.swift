import NIOCore
import NIOPosix
import NIOSOCKS
import Synchronization

/// A SOCKS proxy on 127.0.0.1 for browsers that open pages which users name.
///
/// It connects where ``WebFetcher`` does: to the public internet, and to networks that the operator names. Names are
/// looked up here and the address that was checked is the one connected to, whatever page, redirect or script asks.
public struct GuardedProxy: Sendable {
    /// Finds the address of a name, and may block for long.
    typealias NameLookup = @Sendable (_ host: String, _ port: Int) throws -> SocketAddress

    private let networks: [Network]
    private let lookUp: NameLookup

    /// - Parameter networks: what may be reached besides the public internet.
    public init(networks: [Network]) {
        self.init(networks: networks) { try SocketAddress.makeAddressResolvingHost($0, port: $1) }
    }

    init(networks: [Network], lookUp: @escaping NameLookup) {
        self.networks = networks
        self.lookUp = lookUp
    }

    /// Runs the body while the proxy listens.
    /// - Parameter body: is given the port.
    public func run<Result: Sendable>(_ body: (_ port: Int) async throws -> Result) async throws -> Result {
        let group = MultiThreadedEventLoopGroup.singleton
        let use = ProxyUse()
        defer { use.end() }
        let server = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 64)
            .childChannelInitializer { [networks, lookUp] channel in
                channel.eventLoop.makeCompletedFuture {
                    let handshake = SOCKSServerHandshakeHandler()
                    try channel.pipeline.syncOperations.addHandlers(
                        handshake, ProxyConnector(handshake: handshake, networks: networks, lookUp: lookUp, use: use))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            guard let port = server.localAddress?.port else { throw ChannelError.unknownLocalAddress }
            let result = try await body(port)
            try await server.close()
            return result
        } catch {
            try? await server.close()
            throw error
        }
    }
}

/// Whether a proxy is still used.
private final class ProxyUse: Sendable {
    private let hasEnded = Atomic(false)

    var isOpen: Bool { !hasEnded.load(ordering: .acquiring) }

    func end() { hasEnded.store(true, ordering: .releasing) }
}

/// The system's name lookup blocks, for as long as name servers do not answer: nobody else waits for these threads.
private enum NameLookups {
    static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 4)
        threads.start()
        return threads
    }()
}

/// Takes one browser connection to where it wants to go, if it may go there, and then steps aside.
private final class ProxyConnector: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ClientMessage
    typealias OutboundOut = ServerMessage

    private static let connectTimeout = TimeAmount.seconds(10)

    private let handshake: SOCKSServerHandshakeHandler
    private let networks: [Network]
    private let lookUp: GuardedProxy.NameLookup
    private let use: ProxyUse

    init(
        handshake: SOCKSServerHandshakeHandler, networks: [Network], lookUp: @escaping GuardedProxy.NameLookup,
        use: ProxyUse
    ) {
        self.handshake = handshake
        self.networks = networks
        self.lookUp = lookUp
        self.use = use
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .greeting:
            let answer = ServerMessage.selectedAuthenticationMethod(SelectedAuthenticationMethod(method: .noneRequired))
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        case .request(let request) where request.command == .connect:
            connect(request.addressType, context)
        default:
            refuse(.commandUnsupported, context)
        }
    }

    /// As it goes, the handshake hands on what it has not read: bytes, which are no message for this handler.
    func channelInactive(context: ChannelHandlerContext) {
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func connect(_ target: SOCKSAddress, _ context: ChannelHandlerContext) {
        let loop = context.eventLoop
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: loop)
        addresses(of: target, loop).map { [networks] addresses in
            addresses.first { address in
                address.ipAddress.map { Network.allows($0, besidesPublic: networks) } ?? false
            }
        }.whenComplete { result in
            let (handler, context) = bound.value
            switch result {
            case .failure: handler.refuse(.hostUnreachable, context)
            case .success(nil): handler.refuse(.notAllowed, context)
            case .success(let address?):
                ClientBootstrap(group: loop).connectTimeout(Self.connectTimeout)
                    .channelOption(.autoRead, value: false).connect(to: address)
                    .whenComplete { bound.value.handler.connected($0, bound.value.context) }
            }
        }
    }

    /// What the browser names, looked up off the event loop.
    private func addresses(of target: SOCKSAddress, _ loop: any EventLoop) -> EventLoopFuture<[SocketAddress]> {
        switch target {
        case .address(let address): loop.makeSucceededFuture([address])
        case .domain(let host, let port):
            NameLookups.threads.runIfActive(eventLoop: loop) { [use, lookUp] in
                // The browser may be gone before its turn comes.
                guard use.isOpen else { throw ChannelError.alreadyClosed }
                return [try lookUp(host, port)]
            }
        }
    }

    private func connected(_ result: Result<any Channel, any Error>, _ context: ChannelHandlerContext) {
        switch result {
        case .failure: refuse(.refused, context)
        case .success(let peer):
            guard context.channel.isActive, let address = peer.remoteAddress else {
                peer.close(promise: nil)
                return
            }
            let answer = SOCKSResponse(reply: .succeeded, boundAddress: .address(address))
            context.writeAndFlush(wrapOutboundOut(.response(answer)), promise: nil)
            do {
                let (browserSide, peerSide) = Relay.pair()
                try context.pipeline.syncOperations.addHandler(browserSide)
                try peer.pipeline.syncOperations.addHandler(peerSide)
            } catch {
                peer.close(promise: nil)
                context.close(promise: nil)
                return
            }
            // Bytes that the browser sent ahead come out of the handshake as it leaves.
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
            context.pipeline.syncOperations.removeHandler(handshake, promise: nil)
            _ = peer.setOption(.autoRead, value: true)
        }
    }

    private func refuse(_ reply: SOCKSServerReply, _ context: ChannelHandlerContext) {
        guard let nowhere = try? SocketAddress(ipAddress: "0.0.0.0", port: 0) else { return }
        let answer = SOCKSResponse(reply: reply, boundAddress: .address(nowhere))
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.response(answer))).whenComplete { _ in channel.close(promise: nil) }
    }
}

/// One half of a connection between two channels of one event loop: what comes in on one side goes out on the other, no
/// faster than it goes out.
private final class Relay: ChannelDuplexHandler {
    typealias InboundIn = NIOAny
    typealias OutboundIn = NIOAny
    typealias OutboundOut = NIOAny

    private var partner: Relay?
    private var context: ChannelHandlerContext?
    private var hasPendingRead = false

    static func pair() -> (Relay, Relay) {
        let (first, second) = (Relay(), Relay())
        first.partner = second
        second.partner = first
        return (first, second)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        partner = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { partner?.context?.write(data, promise: nil) }

    func channelReadComplete(context: ChannelHandlerContext) { partner?.context?.flush() }

    func channelInactive(context: ChannelHandlerContext) { partner?.context?.close(promise: nil) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            partner?.context?.close(mode: .output, promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable, let partner, partner.hasPendingRead else { return }
        partner.hasPendingRead = false
        partner.context?.read()
    }

    func read(context: ChannelHandlerContext) {
        if partner?.context?.channel.isWritable ?? true {
            context.read()
        } else {
            hasPendingRead = true
        }
    }
}
