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
    /// failed, and keeps summaries for reports, until the task is cancelled. Commits do not wait for it: they go to the other half of the log.
    public func maintain() async {
        // Apart, as a checkpoint may have to wait for the end of an erasure.
        async let probing: Void = probeUntilCancelled()
        async let summarizing: Void = summarizeUntilCancelled()
        await foldInUntilCancelled()
        await probing
        await summarizing
    }

    private func probeUntilCancelled() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(Self.probeSeconds))
            await probe()
        }
    }

    private func foldInUntilCancelled() async {
        var pauseSeconds = 0.0
        var notBefore = ContinuousClock.now
        var tidiedAt: ContinuousClock.Instant?
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(Self.lookMilliseconds))
            if tidiedAt.map({ $0.duration(to: .now) > .seconds(Self.tidySeconds) }) ?? true {
                tidiedAt = .now
                files?.removeCut(olderThanSeconds: EventLogFiles.cutLifetimeSeconds)
            }
            guard ContinuousClock.now >= notBefore, isCheckpointDue else { continue }
            do {
                try await checkpoint()
                pauseSeconds = 0
            } catch {
                if Task.isCancelled { return }
                logger.info("a checkpoint is put off", metadata: ["reason": "\(error)"])
                pauseSeconds = min(max(pauseSeconds * 2, 1), Self.longestPauseSeconds)
            }
            notBefore = .now + .seconds(pauseSeconds)
        }
    }

    private var isCheckpointDue: Bool {
        checkpointPolicy.isDue(bytes: files?.writeAheadBytes ?? 0, tally.current)
    }

    /// Folds the write-ahead log into the file now.
    /// - Throws: `DuckDBError` when a transaction that changes or removes rows goes on for long; ``EventStoreError``.
    public func checkpoint() async throws {
        guard let upkeepGate else { return try await checkpointNow() }
        try await upkeepGate.run { try await checkpointNow() }
    }

    private func checkpointNow() async throws {
        let instance = try engine.current()
        let started = DispatchTime.now()
        do {
            try await instance.upkeep.run { [self] in try foldInBesideWriters(on: $0) }
        } catch {
            throw engine.judge(error, of: instance)
        }
        Self.checkpoints.recordNanoseconds(Int64(DispatchTime.now().uptimeNanoseconds - started.uptimeNanoseconds))
    }

    /// Folds the write-ahead log into the file within upkeep, while others append.
    ///
    /// Unless somebody reads what was there before the last commit, the engine takes the chance to drop deleted rows, and
    /// holds everybody who inserts until it is done (`CreateCheckpoint` in its `storage_manager.cpp`). So somebody reads.
    func foldInBesideWriters(on connection: Connection) throws {
        let reader = try connection.connectBeside()
        try reader.transaction {
            try EventLogMarks.look(on: reader)
            // There must be a commit that the reader does not see.
            if try !EventLogMarks.keepReach(on: connection) { try EventLogMarks.repeatReach(on: connection) }
            try foldIn(on: connection)
        }
    }

    /// The same, with nobody appending where the engine drops deleted rows. What changes rows elsewhere is waited out: it is short.
    /// Forcing a checkpoint would wait for readers too, and everybody for it.
    func foldIn(on connection: Connection) throws {
        let unfolded = tally.current
        written.turn()
        var attempts = 1
        while let error = checkpointFailure(on: connection) {
            guard error.kind == .transaction, attempts < Self.foldingAttempts else { throw error }
            attempts += 1
            Thread.sleep(forTimeInterval: Self.foldingPauseSeconds)
        }
        tally.remove(unfolded)
    }

    private func checkpointFailure(on connection: Connection) -> DuckDBError? {
        do {
            try connection.execute("CHECKPOINT lake")
            return nil
        } catch {
            return error
        }
    }

    private static let foldingAttempts = 300
    private static let foldingPauseSeconds = 0.1

    /// Any session may have brought the engine down, and not all of them tell.
    private func probe() async {
        guard let instance = try? engine.current() else { return }
        do {
            try await instance.probe.run { connection in
                let rows = try connection.query("SELECT 1 FROM \(EventTable.name) LIMIT 1")
                _ = try rows.next()
                rows.close()
            }
        } catch {
            engine.judge(error, of: instance)
        }
    }
}
