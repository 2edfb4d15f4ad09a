import EventStore
import Jobs
import Logging
import NIOPosix
import Queries
import ServiceLifecycle
import Serving
import Synchronization
import Telemetry
import Time
import Webhooks

/// Gives `/metrics` what nobody counts as it happens. What is in memory is read when somebody asks; what the stores and the
/// disk must be asked for is asked now and then, so that no number of questions is a burden to them.
final class ServerWatch: Service {
    /// What was found, by what it is of.
    private struct Found {
        var stores: [MetricReading] = []
        var sizes: [MetricReading] = []
        var failures = 0
    }

    private let jobs: JobStore
    private let kinds: [String]
    private let webhooks: WebhookService
    private let sizes: StoreSizes
    private let clock: WallClock
    private let logger: Logger
    private let found = Mutex(Found())

    /// How often jobs and messages are counted.
    private static let pause = Duration.seconds(5)
    /// How often the folder is measured, at most: where that takes long, it is done more seldom.
    private static let sizesPause = Duration.seconds(60)

    init(_ stores: Stores, _ work: BackgroundWork, _ folder: DataFolder, clock: WallClock, logger: Logger) {
        jobs = stores.jobs
        kinds = work.jobKinds
        webhooks = work.webhooks
        sizes = StoreSizes(folder: folder)
        self.clock = clock
        self.logger = logger
    }

    /// Has the registry read what this and the stores know.
    func serve(_ registry: PrometheusRegistry, _ stores: Stores, _ work: BackgroundWork) {
        registry.read { [self] in readings }
        registry.read { [writer = stores.writer, feed = stores.feed] in
            let (queue, lag) = (writer.backlog, feed.backlog)
            return [
                MetricReading("sextant_event_queue_batches", queue.count),
                MetricReading("sextant_event_queue_bytes", queue.byteCount),
                MetricReading("sextant_event_queue_age_seconds", queue.ageSeconds),
                MetricReading("sextant_projection_queue_events", lag.count),
                MetricReading("sextant_projection_queue_bytes", lag.byteCount),
                MetricReading("sextant_projection_lag_seconds", lag.ageSeconds),
                MetricReading("sextant_projection_replay_events", feed.unreadCount),
            ]
        }
        registry.read { [tracker = work.tracker, queries = stores.queries] in
            let (queue, load) = (tracker.backlog, queries.load)
            return [
                MetricReading("sextant_experiment_queue_requests", queue.count),
                MetricReading("sextant_experiment_queue_age_seconds", queue.ageSeconds),
                MetricReading("sextant_queries", load.running, labels: [("state", "running")]),
                MetricReading("sextant_queries", load.waiting, labels: [("state", "waiting")]),
            ]
        }
        registry.read { [events = stores.events] in
            let usage = events.engineUsage
            return [
                MetricReading("sextant_engine_readers", usage.reading),
                MetricReading("sextant_engine_readers_waiting", usage.waitingToRead),
                MetricReading("sextant_engine_upkeep", usage.upkeep),
                MetricReading("sextant_engine_upkeep_waiting", usage.waitingForUpkeep),
                MetricReading("sextant_engine_sessions", usage.sessions),
                MetricReading("sextant_engine_reopenings_total", usage.reopenings),
            ]
        }
    }

    private var readings: [MetricReading] {
        let found = found.withLock { $0 }
        return found.stores + found.sizes + [MetricReading("sextant_watch_failures_total", found.failures)]
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            await withDiscardingTaskGroup { group in
                group.addTask { await self.watchStores() }
                group.addTask { await self.watchSizes() }
            }
        }
    }

    private func watchStores() async {
        while !Task.isCancelled {
            do {
                let readings = try await countJobs() + countMessages()
                found.withLock { $0.stores = readings }
            } catch {
                if Task.isCancelled { return }
                fail("jobs and messages could not be counted", error)
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func watchSizes() async {
        while !Task.isCancelled {
            let started = ContinuousClock.now
            do {
                let readings = try await NIOThreadPool.singleton.runIfActive { [sizes] in
                    sizes.measure() + sizes.disk()
                }
                found.withLock { $0.sizes = readings }
            } catch {
                if Task.isCancelled { return }
                fail("the data folder could not be measured", error)
            }
            // Never more than a hundredth of the time.
            try? await Task.sleep(for: max(Self.sizesPause, started.duration(to: .now) * 100))
        }
    }

    private func fail(_ message: Logger.Message, _ error: any Error) {
        found.withLock { $0.failures += 1 }
        logger.warning(message, metadata: ["reason": "\(error)"])
    }

    private func countJobs() async throws -> [MetricReading] {
        try await jobs.backlog(kinds: kinds).flatMap { backlog in
            let labels = [(name: "kind", value: backlog.kind), (name: "state", value: backlog.state.rawValue)]
            return [
                MetricReading("sextant_jobs", backlog.count, labels: labels),
                MetricReading("sextant_jobs_oldest_seconds", backlog.oldestSeconds, labels: labels),
            ]
        }
    }

    private func countMessages() async throws -> [MetricReading] {
        let backlog = try await webhooks.deliveries.backlog(at: clock.now)
        return [
            MetricReading("sextant_webhook_waiting", backlog.count),
            MetricReading("sextant_webhook_waiting_seconds", backlog.oldestSeconds),
        ]
    }
}
