import Gateway
import Logging
import ServiceLifecycle
import Synchronization

/// Opens the stores behind the listening socket, then runs what keeps them up to date until the server stops.
struct OpeningService: Service {
    /// What `/ready` calls the wait for it.
    static let stores = "stores"

    let entrance: Entrance
    let readiness: Readiness
    let opened: OpenedServer
    let logger: Logger
    let open: @Sendable () async throws -> Server

    func run() async throws {
        let started = ContinuousClock.now
        let server = try await open()
        opened.set(server)
        entrance.pass(to: server.responder)
        readiness.end(Self.stores)
        logger.notice(
            "open", metadata: ["milliseconds": .stringConvertible(ReadyService.milliseconds(since: started))])
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: server.services.map { .init(service: $0) }, logger: logger))
        try await group.run()
    }
}

/// The server once its stores are open.
final class OpenedServer: Sendable {
    private let state = Mutex<Server?>(nil)

    /// Nil until the stores are open.
    var server: Server? { state.withLock { $0 } }

    func set(_ server: Server) {
        state.withLock { $0 = server }
    }
}
