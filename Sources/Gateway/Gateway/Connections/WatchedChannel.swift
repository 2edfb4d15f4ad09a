import HummingbirdCore
import InternetAddress
import Logging
import NIOCore

/// Admits a connection, or closes it at once, before anything is known of it but its address.
struct WatchedChannel<Base: ServerChildChannel>: ServerChildChannel {
    enum Value: ServerChildChannelValue {
        case admitted(Base.Value)
        case refused(any Channel)

        var channel: any Channel {
            switch self {
            case .admitted(let value): value.channel
            case .refused(let channel): channel
            }
        }
    }

    private let base: Base
    private let configuration: GatewayConfiguration
    private let limits: ConnectionLimits
    private let streamLimits: ConnectionLimits

    /// Past its idle timeout a client of HTTP/2 has so long to leave as it is told to.
    private static var leaveSeconds: Int64 { 15 }

    init(_ base: Base, _ configuration: GatewayConfiguration) {
        self.base = base
        self.configuration = configuration
        limits = configuration.connectionLimits
        streamLimits = configuration.streamLimits
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let address = channel.remoteAddress.flatMap(IPAddress.init)
        guard let place = limits.admit(address) else {
            ConnectionMetrics.refuse()
            channel.close(promise: nil)
            return channel.eventLoop.makeSucceededFuture(.refused(channel))
        }
        ConnectionMetrics.open()
        channel.closeFuture.whenComplete { _ in
            withExtendedLifetime(place) {}
            ConnectionMetrics.close()
        }
        // Where the system does not know it, the kernel takes more.
        try? channel.syncOptions?.setOption(Unsent.option, value: Unsent.bytes)
        let watch = ConnectionWatch(
            firstDeadline: .seconds(configuration.headDeadlineSeconds),
            idleTimeout: .seconds(configuration.idleTimeoutSeconds + Self.leaveSeconds),
            unreadLimit: configuration.unreadBytesPerConnection
        ) { [streamLimits] in streamLimits.admit(address) }
        do {
            try channel.pipeline.syncOperations.addHandler(watch)
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        return base.setup(channel: channel, logger: logger).map { .admitted($0) }
    }

    func handle(value: Value, logger: Logger) async {
        guard case .admitted(let value) = value else { return }
        await base.handle(value: value, logger: logger)
    }
}

/// What the kernel takes of a connection's answers before their client has read more: little, so that what is not read is seen
/// here. `TCP_NOTSENT_LOWAT` of Linux.
private enum Unsent {
    static let option = ChannelOptions.Types.SocketOption(level: .tcp, name: NIOBSDSocket.Option(rawValue: 25))
    static let bytes: SocketOptionValue = 128 * 1_024
}
