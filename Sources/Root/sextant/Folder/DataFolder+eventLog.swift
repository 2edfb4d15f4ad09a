import ControlStore
import EventStore
import Foundation
import Gateway
import Logging
import NIOPosix
import Synchronization

extension DataFolder {
    /// What `/ready` calls the event log.
    static let eventStoreName = "event_store"

    /// Opens the event log, once it agrees with what the control store knows of it. The threads that answer requests are
    /// free meanwhile.
    func openEventLog(
        _ settings: Settings, knownTo control: ControlStore, readiness: Readiness, logger: Logger
    ) async throws -> EventStore {
        var engine = EventStore.Settings()
        engine.memoryLimit = settings.memoryLimit
        engine.threads = settings.threads
        engine.temporaryDirectory = spillPath
        engine.copyingLock = copyingLockPath
        engine.summaries = SummaryPolicy(folder: summariesPath)
        let knowledge = EventStore.Knowledge(
            identity: try await control.mark(.eventLog).flatMap { UInt128($0, radix: 16) },
            position: try await control.projectionPositions().compactMap { LogPosition(stored: $0) }.max())
        let progress = OpeningProgress()
        readiness.wait(for: Self.eventStoreName) { progress.description }
        let events = try await NIOThreadPool.singleton.runIfActive { [engine] in
            try EventStore(
                path: eventsPath, settings: engine, knowing: knowledge,
                acceptsLoss: settings.acceptedLosses.contains(.events), onProgress: { progress.note($0) },
                logger: logger)
        }
        try await control.set(.eventLog, to: String(events.identity, radix: 16))
        return events
    }
}

/// What is being done, and for how long.
private final class OpeningProgress: Sendable {
    private let work = Mutex("opening the event log")
    private let started = ContinuousClock.now

    func note(_ work: String) {
        self.work.withLock { $0 = work }
    }

    var description: String {
        let seconds = (started.duration(to: .now) / .seconds(1) * 10).rounded() / 10
        return "\(work.withLock { $0 }), for \(seconds) s"
    }
}
