import Gateway
import Logging
import ServiceLifecycle

/// Opens the stores behind the listening socket, then runs what keeps them up to date until the server stops.
struct OpeningService: Service {
    /// What `/ready` calls the wait for it.
    static let stores = "stores"

    let entrance: Entrance
    let readiness: Readiness
    let logger: Logger
    let open: @Sendable () async throws -> Server

    func run() async throws {
        let started = ContinuousClock.now
        let server = try await open()
        entrance.pass(to: server.responder)
        readiness.end(Self.stores)
        let milliseconds = Int(started.duration(to: .now) / .milliseconds(1))
        logger.notice("the stores are open", metadata: ["milliseconds": "\(milliseconds)"])
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: server.services.map { .init(service: $0) }, logger: logger))
        try await group.run()
    }
}
