import DuckDB
import Foundation
import Logging
import Metrics

extension EventStore {
    private static let lookMilliseconds = 100
    /// Between two looks at whether the engine still answers.
    private static let probeSeconds = 1.0
    private static let longestPauseSeconds = 60.0
    /// Between two looks for what has been kept long enough.
    private static let tidySeconds = 3_600.0
    private static let checkpoints = Timer(label: "sextant_event_checkpoint_seconds")

    /// Folds the write-ahead log into the file whenever ``CheckpointPolicy`` says so, and notices an engine that has
    /// failed, until the task is cancelled. Commits wait for a checkpoint only while it writes the part of the table
    /// that is not full yet.
    public func maintain() async {
        var pauseSeconds = 0.0
        var notBefore = ContinuousClock.now
        var probedAt = ContinuousClock.now
        var tidiedAt: ContinuousClock.Instant?
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(Self.lookMilliseconds))
            if probedAt.duration(to: .now) > .seconds(Self.probeSeconds) {
                probedAt = .now
                await probe()
            }
            if tidiedAt.map({ $0.duration(to: .now) > .seconds(Self.tidySeconds) }) ?? true {
                tidiedAt = .now
                files?.removeCut(olderThanSeconds: EventLogFiles.cutLifetimeSeconds)
            }
            guard ContinuousClock.now >= notBefore, isCheckpointDue else { continue }
            do {
                try await checkpoint()
                pauseSeconds = 0
            } catch {
                // Most often a deletion is under way, which a checkpoint must not overtake.
                logger.info("a checkpoint is put off", metadata: ["reason": "\(error)"])
                pauseSeconds = min(max(pauseSeconds * 2, 1), Self.longestPauseSeconds)
            }
            notBefore = .now + .seconds(pauseSeconds)
        }
    }

    private var isCheckpointDue: Bool {
        let (commits, seconds) = tally.current
        return checkpointPolicy.isDue(bytes: files?.writeAheadBytes ?? 0, commits: commits, seconds: seconds)
    }

    /// Folds the write-ahead log into the file now.
    /// - Throws: `DuckDBError` when a transaction that changes or removes rows is under way; ``EventStoreError``.
    public func checkpoint() async throws {
        let instance = try engine.current()
        let commits = tally.current.commits
        let started = DispatchTime.now()
        do {
            try await instance.maintenance.run { try $0.execute("CHECKPOINT lake") }
        } catch {
            throw engine.judge(error, of: instance)
        }
        tally.remove(commits)
        Self.checkpoints.recordNanoseconds(Int64(DispatchTime.now().uptimeNanoseconds - started.uptimeNanoseconds))
    }

    /// Any session may have brought the engine down, and not all of them tell.
    private func probe() async {
        guard let instance = try? engine.current() else { return }
        do {
            try await instance.maintenance.run { connection in
                let rows = try connection.query("SELECT 1 FROM \(EventTable.name) LIMIT 1")
                _ = try rows.next()
                rows.close()
            }
        } catch {
            engine.judge(error, of: instance)
        }
    }
}
