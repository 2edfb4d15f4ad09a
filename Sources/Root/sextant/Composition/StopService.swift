import Foundation
import Logging
import Queries
import ServiceLifecycle
import Synchronization

/// What hears first that the process is to stop: queries end at once, and nobody waits for stores that are still being
/// opened.
struct StopService: Service {
    let opened: OpenedServer
    let logger: Logger

    /// How long an opening may take to come to its end all the same.
    private static let patience = Duration.seconds(1)

    func run() async throws {
        try? await gracefulShutdown()
        // Something else has failed, and says so.
        if !Task.isCancelled {
            logger.notice("stopping")
            Self.began.withLock { $0 = .now }
        }
        if let server = await openedServer() { return server.queries.stop() }
        // Something else has failed, and says so.
        if Task.isCancelled { return }
        // Nothing has been taken in since the start, and what the engine is at it can also do after a crash.
        logger.notice(
            "stopped while the stores were being opened", metadata: ["seconds": .stringConvertible(Self.seconds)])
        _exit(0)
    }

    private static let began = Mutex<ContinuousClock.Instant?>(nil)

    /// For how long the server has been stopping.
    static var seconds: Double {
        let began = began.withLock { $0 } ?? .now
        return (began.duration(to: .now) / .seconds(1) * 100).rounded() / 100
    }

    private func openedServer() async -> Server? {
        let deadline = ContinuousClock.now + Self.patience
        while opened.server == nil, .now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(20))
        }
        return opened.server
    }
}
