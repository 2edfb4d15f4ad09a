import Gateway
import Logging
import ServiceLifecycle
import Synchronization

/// Says in the log when the server can do all of its work, and when it no longer can, with why.
struct ReadyService: Service {
    let readiness: Readiness
    let state: ReadyState
    /// When the process began to start.
    let started: ContinuousClock.Instant
    let logger: Logger

    private static let pause = Duration.milliseconds(250)

    func run() async throws {
        await cancelWhenGracefulShutdown { await watch() }
    }

    private func watch() async {
        // Since when it is not ready; nil while it is.
        var trouble: ContinuousClock.Instant? = started
        while !Task.isCancelled {
            let reason = await readiness.reason
            state.set(isReady: reason == nil)
            if let since = trouble, reason == nil {
                logger.notice("ready", metadata: ["milliseconds": .stringConvertible(Self.milliseconds(since: since))])
                trouble = nil
            } else if let reason, trouble == nil {
                logger.warning("not ready", metadata: ["reason": "\(reason)"])
                trouble = .now
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    static func milliseconds(since start: ContinuousClock.Instant) -> Int {
        Int(start.duration(to: .now) / .milliseconds(1))
    }
}

/// Whether the server was ready when it was looked at last.
final class ReadyState: Sendable {
    private let ready = Mutex(false)

    var isReady: Bool { ready.withLock { $0 } }

    func set(isReady: Bool) { ready.withLock { $0 = isReady } }
}
