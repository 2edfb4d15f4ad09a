public import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
public import Logging
import NIOCore
import NIOSSL

/// Where and how the gateway listens.
public struct ListenAddress: Sendable {
    /// Certificate chain and key, as PEM files.
    public struct TLS: Sendable {
        let configuration: TLSConfiguration
        /// When the first of the chain's certificates is no longer valid, in seconds since 1970.
        public let expiresAt: Int

        /// Reads both files.
        /// - Throws: `TLSFileError` naming the file that cannot be used.
        public init(certificatePath: String, keyPath: String) throws(TLSFileError) {
            let certificates: [NIOSSLCertificate]
            do {
                certificates = try NIOSSLCertificate.fromPEMFile(certificatePath)
            } catch {
                throw TLSFileError(path: certificatePath, wanted: "a certificate chain", reason: "\(error)")
            }
            let key: NIOSSLPrivateKey
            do {
                key = try NIOSSLPrivateKey(file: keyPath, format: .pem)
            } catch {
                throw TLSFileError(path: keyPath, wanted: "a private key", reason: "\(error)")
            }
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
            configuration.minimumTLSVersion = .tlsv12
            self.configuration = configuration
            expiresAt = certificates.map { Int($0.notValidAfter) }.min() ?? 0
        }
    }

    public let host: String
    /// 0 picks a free port.
    public let port: Int
    public let tls: TLS?

    public init(host: String, port: Int, tls: TLS?) {
        self.host = host
        self.port = port
        self.tls = tls
    }
}

/// A file for TLS that cannot be used.
public struct TLSFileError: Error, CustomStringConvertible {
    let path: String
    let wanted: String
    let reason: String

    public var description: String { "\(path) is not \(wanted) in PEM form (\(reason))." }
}

/// Puts the responder behind a listening socket: HTTP/1.1 in the clear, HTTP/1.1 and HTTP/2 with TLS.
public enum GatewayServer {
    public static func makeApplication(
        responder: Entrance, configuration: GatewayConfiguration, address: ListenAddress, logger: Logger,
        onRunning: @escaping @Sendable (_ port: Int) async -> Void
    ) throws -> Application<Entrance> {
        var logger = logger
        logger.handler = DeferredMetadata(QuietEnd(logger.handler))
        return Application(
            responder: responder, server: serverBuilder(configuration, address.tls),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: "sextant", backlog: 1_024),
            onServerRunning: { await onRunning($0.localAddress?.port ?? address.port) }, logger: logger)
    }

    private static func serverBuilder(
        _ configuration: GatewayConfiguration, _ tls: ListenAddress.TLS?
    ) -> HTTPServerBuilder {
        let deadline = TimeAmount.seconds(configuration.headDeadlineSeconds)
        let http1 = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                HTTP1ExchangeInstaller(), ConnectionDeadline(headDeadline: deadline, pace: configuration.answerPace),
                BodyInvitationHandler(), HangUp(),
            ],
            // The deadlines know better what a connection waits for.
            idleTimeout: nil,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: configuration.headerBytes, maxHeaderListSize: configuration.headerBytes,
                maxHeaderFieldCount: 100))
        return HTTPServerBuilder { responder in
            guard let tls else {
                return WatchedChannel(HTTP1Channel(responder: responder, configuration: http1), configuration)
            }
            let http2 = HTTP2ChannelConfiguration(
                idleTimeout: .seconds(configuration.idleTimeoutSeconds), gracefulCloseTimeout: .seconds(5),
                streamConfiguration: http1)
            return WatchedChannel(
                try HTTP2UpgradeChannel(
                    tlsConfiguration: tls.configuration, configuration: http2, responder: responder), configuration)
        }
    }
}
