import DuckDB
import Logging

/// How the log is opened: the files are looked at and mended, the engine reads them, and what is found is compared with
/// what the rest of the data folder knows.
struct EventLogOpening: Sendable {
    let files: EventLogFiles?
    let settings: EventStore.Settings
    let tally: CheckpointTally
    let acceptsLoss: Bool
    let onProgress: (@Sendable (String) -> Void)?
    let logger: Logger

    /// The engine's own limit counts its buffers. What writers of files and the allocator hold besides was measured at
    /// 120 to 180 MB, so the buffers get this share, in percent, of what the operator allows.
    private static let bufferShare: Int64 = 60

    func open(_ knowledge: EventStore.Knowledge) throws -> (EventEngine, identity: UInt128) {
        files?.tellPutAside()
        do {
            try checkPresence(knowledge)
            return try openAndCompare(knowledge)
        } catch let error as EventLogError where error.isLoss && acceptsLoss {
            logger.warning("a loss is accepted", metadata: ["loss": "\(error)"])
            try files?.setAside()
            return try openAndCompare(EventStore.Knowledge(identity: nil, position: knowledge.position))
        }
    }

    private func checkPresence(_ knowledge: EventStore.Knowledge) throws {
        guard let files else { return }
        let isUnknown = knowledge.identity == nil && knowledge.position == nil && !files.hasWriteAheadLog
        // A first start may have ended before anything was written to the file.
        if isUnknown { try files.removeEmpty() }
        if files.exists { return try files.checkKind() }
        // The engine removes a write-ahead log whose file is missing.
        guard isUnknown else { throw EventLogError.missing(path: files.path) }
    }

    private func openAndCompare(_ knowledge: EventStore.Knowledge) throws -> (EventEngine, identity: UInt128) {
        let isNew = files.map { !$0.exists } ?? true
        let engine = try EventEngine(logger: logger) { number in
            // Later on nobody is there to decide.
            try makeInstance(number, acceptsLoss: acceptsLoss && number == 1)
        }
        let instance = try engine.current()
        do {
            let connection = try instance.database.connect()
            let marks = try connection.transaction {
                try EventLogMarks.load(on: connection, believing: isNew ? nil : knowledge.position?.last)
            }
            guard let path = files?.path else { return (engine, marks.identity) }
            if let known = knowledge.identity, known != marks.identity { throw EventLogError.foreign(path: path) }
            if let known = knowledge.position?.last, known > (marks.reach ?? EventIdentifier(value: 0)) {
                try accept(EventLogError.endsEarly(path: path, end: marks.reach?.time, known: known.time))
                try EventLogMarks.extend(to: known, on: connection)
            }
            return (engine, marks.identity)
        } catch {
            engine.close()
            throw error
        }
    }

    private func accept(_ loss: EventLogError) throws {
        guard acceptsLoss else { throw loss }
        logger.warning("a loss is accepted", metadata: ["loss": "\(loss)"])
    }

    private func makeInstance(_ number: Int, acceptsLoss: Bool) throws -> EventEngine.Instance {
        let commits = try files?.mend(acceptsLoss: acceptsLoss) ?? 0
        if commits > 0, let files {
            let work = "reading back \(commits) commits, \(files.writeAheadBytes) bytes, of the write-ahead log"
            logger.notice(
                "replaying the write-ahead log",
                metadata: [
                    "commits": .stringConvertible(commits), "bytes": .stringConvertible(files.writeAheadBytes),
                ])
            onProgress?(work)
        }
        let started = ContinuousClock.now
        let database = try openDatabase()
        if commits > 0 {
            let milliseconds = Int(started.duration(to: .now) / .milliseconds(1))
            logger.notice(
                "replayed the write-ahead log",
                metadata: [
                    "commits": .stringConvertible(commits), "milliseconds": .stringConvertible(milliseconds),
                ])
            onProgress?("the write-ahead log is read back; what it holds is looked through")
        }
        let connection = try database.connect()
        try EventTable.make(on: connection)
        try ExposureTable.make(on: connection)
        try DeletedBlocks.make(on: connection)
        tally.add(CheckpointTally.Unfolded(commits: commits))
        return try EventEngine.Instance(number: number, database: database, readers: settings.readers)
    }

    /// The engine with the log attached.
    private func openDatabase() throws -> Database {
        do {
            return try attachedDatabase()
        } catch {
            guard let error = error as? EventLogError, error.isStaleMarker else { throw error }
            // It has put the files in order before it gave up.
            logger.notice("the log is opened once more", metadata: ["reason": "\(error)"])
            return try attachedDatabase()
        }
    }

    private func attachedDatabase() throws -> Database {
        let database = try Database(
            path: nil,
            settings: [
                "memory_limit": "\(settings.memoryLimit.bytes * Self.bufferShare / 100)B",
                "threads": "\(settings.threads)",
                "temp_directory": settings.temporaryDirectory ?? files.map { "\($0.path).tmp" } ?? "",
                // Nothing is ever fetched from the network behind the operator's back.
                "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
                // Or its allocator gives freed memory back only when the same thread allocates again.
                "allocator_background_threads": "true",
                // A checkpoint that a commit brings about makes the commit fail when it fails: ours stands alone, and the
                // engine's own is for when ours cannot keep up.
                "checkpoint_threshold": "\(max(settings.checkpoints.bytes * 16, 1 << 30))B",
            ])
        try attach(on: try database.connect())
        return database
    }

    private func attach(on connection: Connection) throws {
        let path = files?.path ?? ":memory:"
        do {
            try connection.execute("ATTACH '\(path.replacing("'", with: "''"))' AS lake")
        } catch {
            throw error.isDamage
                ? EventLogError.unreadable(path: path, reason: error.message)
                : EventLogError.cannotOpen(path: path, reason: error.message)
        }
    }
}

extension DuckDBError {
    /// Whether the engine read a file that is not as it was written, or that a newer version wrote. It has no kind of its
    /// own for this.
    fileprivate var isDamage: Bool {
        let signs = [
            "orrupt", "Could not read enough bytes", "not a valid DuckDB database", "Failure while replaying WAL",
            "but we can only read version", "erializ",
        ]
        // Replaying the write-ahead log may lack memory or disk: nothing is wrong with the file then.
        let shortages = ["Out of Memory", "No space left", "Permission denied", "Could not write"]
        guard kind != .outOfMemory, !shortages.contains(where: { message.contains($0) }) else { return false }
        return kind == .internal || signs.contains { message.contains($0) }
    }
}

extension EventLogError {
    /// Whether the engine met a mark of a checkpoint that never came to its end, before that of the one that a crash cut
    /// short. It says so once: then both write-ahead logs are one (duckdb/duckdb, pull request 24260).
    fileprivate var isStaleMarker: Bool {
        guard case .cannotOpen(_, let reason) = self else { return false }
        return reason.contains("cannot contain a checkpoint marker")
    }
}
