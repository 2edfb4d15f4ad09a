import ArgumentParser
import CCrashReport
import CoreMetrics
import Foundation
import Gateway
import Hummingbird
import Logging
import ServiceLifecycle
import Telemetry
import UnixSignals

/// `sextant serve`: runs the server until it is told to stop.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the server in the foreground. SIGTERM or SIGINT finishes what is under way and exits with 0.",
        usage: "sextant serve [<options>]",
        discussion: KnownSettings.help)

    @Option(name: .customLong("data"), help: ArgumentHelp(KnownSettings.data.ofFlag))
    var dataDirectory: String?

    @Option(help: ArgumentHelp(KnownSettings.host.help.ofFlag))
    var host: String?

    @Option(help: ArgumentHelp(KnownSettings.port.help.ofFlag))
    var port: Int?

    @Option(help: ArgumentHelp(KnownSettings.tlsCertificate.help.ofFlag, valueName: "file"))
    var tlsCert: String?

    @Option(help: ArgumentHelp(KnownSettings.tlsKey.help.ofFlag, valueName: "file"))
    var tlsKey: String?

    @Option(
        help: ArgumentHelp(
            "Go on without what is lost: events (the event log is missing, damaged or too old) or secrets (the master key is). "
                + "Without it the server refuses to start and says what is wrong.", valueName: "events|secrets"))
    var acceptLoss: [AcceptedLoss] = []

    func run() async throws {
        crash_report_install()
        // A file that may not grow is an error to be told like a full disk, not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
        OpenFiles.allowAll()
        let started = ContinuousClock.now
        let settings = try Settings(dataDirectory: dataDirectory, flags: flags, acceptedLosses: acceptLoss)
        let address = try address(settings)
        try DataFolder.requireData(in: settings.dataDirectory)
        try ListenCheck(host: address.host, port: address.port).run()
        let logger = makeLogger(settings)
        let registry = PrometheusRegistry(describing: MetricCatalogue.all)
        MetricsSystem.bootstrap(registry)
        logger.notice(
            "opening", metadata: ["data": "\(settings.dataDirectory)", "version": "\(Version.text)"])
        let folder = try DataFolder(settings.dataDirectory)
        let lock = try folder.lock()
        defer { lock.release() }
        let contracts = try Contracts()
        let readiness = Readiness()
        readiness.wait(for: OpeningService.stores) { "the stores are being opened" }
        let ready = ReadyState()
        registry.read { Self.readings(ready, address) + ProcessReadings.all() }
        let entrance = Entrance(
            try GatewayResponder(
                surfaces: contracts.closedSurfaces, unserved: contracts.unserved,
                pages: [StatusPages(registry: registry, readiness: readiness)], configuration: settings.gateway,
                closed: {
                    .unavailable("The server is starting; /ready says what it waits for.", retryAfterSeconds: 2)
                },
                logger: logger))
        let origin = "\(settings.tlsCertificate == nil ? "http" : "https")://\(settings.host)"
        let application = try GatewayServer.makeApplication(
            responder: entrance, configuration: settings.gateway, address: address, logger: logger
        ) { port in
            logger.notice("listening", metadata: ["address": "\(origin):\(port)"])
        }
        let opened = OpenedServer()
        let opening = OpeningService(
            entrance: entrance, readiness: readiness, opened: opened, logger: logger
        ) {
            do {
                return try await Server.make(
                    settings, folder: folder, contracts: contracts, registry: registry, readiness: readiness,
                    logger: logger)
            } catch {
                if error is CancellationError || Task.isCancelled { throw error }
                Self.refuse(error)
            }
        }
        // Queries end first, then the socket closes, the writer after the last request, the projections after the writer.
        let services: [any Service] = [
            ReadyService(readiness: readiness, state: ready, started: started, logger: logger), opening, application,
            StopService(opened: opened, logger: logger),
        ]
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        logger.notice("stopped", metadata: ["seconds": .stringConvertible(StopService.seconds)])
    }

    private static func readings(_ ready: ReadyState, _ address: ListenAddress) -> [MetricReading] {
        let version = [(name: "version", value: Version.number), (name: "commit", value: Version.commit)]
        let expiry = address.tls.map {
            MetricReading("sextant_tls_certificate_expiry_timestamp_seconds", $0.expiresAt)
        }
        return [
            MetricReading("sextant_build_info", 1, labels: version),
            MetricReading("sextant_ready", ready.isReady ? 1 : 0),
        ] + (expiry.map { [$0] } ?? [])
    }

    /// Says why the server does not start, and ends the process at once: taken down in order, the socket ends it with a trap
    /// where somebody is just connecting.
    private static func refuse(_ error: any Error) -> Never {
        let message = error is any StatusError ? "Error: \(error)" : fullMessage(for: error)
        FileHandle.standardError.write(Data((message + "\n").utf8))
        _exit(ExitStatus.of(error))
    }

    /// What the command line sets, by the names of the settings.
    private var flags: [String: String] {
        let flags = [
            (KnownSettings.host.help, host), (KnownSettings.port.help, port.map(String.init)),
            (KnownSettings.tlsCertificate.help, tlsCert), (KnownSettings.tlsKey.help, tlsKey),
        ]
        return flags.reduce(into: [:]) { set, flag in set[flag.0.name] = flag.1 }
    }

    private func address(_ settings: Settings) throws -> ListenAddress {
        switch (settings.tlsCertificate, settings.tlsKey) {
        case (nil, nil): return ListenAddress(host: settings.host, port: settings.port, tls: nil)
        case (let certificate?, let key?):
            return ListenAddress(
                host: settings.host, port: settings.port,
                tls: try ListenAddress.TLS(certificatePath: certificate, keyPath: key))
        default: throw SettingsError.invalid("TLS needs both a certificate (--tls-cert) and its key (--tls-key).")
        }
    }

    private func makeLogger(_ settings: Settings) -> Logger {
        LoggingSystem.bootstrap { label in
            LineLogHandler(label: label, format: settings.logFormat, level: settings.logLevel)
        }
        return Logger(label: "sextant")
    }
}
