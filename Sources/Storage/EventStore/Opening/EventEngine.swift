import DuckDB
import Foundation
import Logging
import Synchronization

/// The engine with the log attached to it. When it fails for good, which the engine calls invalidated, everything of it
/// is closed and it is opened anew, while those who need it wait a while.
final class EventEngine: @unchecked Sendable {
    /// One life of the engine.
    struct Instance: Sendable {
        /// Counts from 1.
        let number: Int
        let database: Database
        let readers: ConnectionPool
        /// For checkpoints, deletions and erasure, one after the other: none may move what another one counts on.
        let upkeep: ConnectionPool
        /// For asking whether the engine still answers: never kept waiting.
        let probe: ConnectionPool

        var pools: [ConnectionPool] { [readers, upkeep, probe] }

        init(number: Int, database: Database, readers: Int) throws {
            self.number = number
            self.database = database
            self.readers = try ConnectionPool(database, size: readers)
            upkeep = try ConnectionPool(database, size: 1)
            probe = try ConnectionPool(database, size: 1)
        }
    }

    private enum Phase {
        case open(Instance)
        case reopening(since: ContinuousClock.Instant, reason: String, failedAttempts: Int)
        case closed
    }

    /// Sessions are kept by those who asked for them.
    private struct Session {
        weak var pool: ConnectionPool?
    }

    private struct State {
        var phase: Phase
        /// Of the present life, or the one that comes next.
        var number = 1
        var sessions: [Session] = []
        /// What else holds connections, and lets go of them when asked.
        var holders: [@Sendable () -> Void] = []
    }

    private let state: Mutex<State>
    private let makeInstance: @Sendable (Int) throws -> Instance
    private let logger: Logger

    /// How long a caller waits for an engine that is being opened anew.
    static let patience = Duration.seconds(10)
    /// How long bodies may take to notice that they are to end.
    private static let releaseSeconds = 60.0
    private static let longestPauseSeconds = 10.0
    /// After so many attempts the process says that it is beyond repair; it goes on trying all the same.
    private static let hopefulAttempts = 3

    /// Opens the engine.
    /// - Parameter makeInstance: opens the file; called again for each life.
    init(logger: Logger, makeInstance: @escaping @Sendable (_ number: Int) throws -> Instance) throws {
        self.makeInstance = makeInstance
        self.logger = logger
        state = Mutex(State(phase: .open(try makeInstance(1))))
    }

    /// The engine's present life.
    /// - Throws: ``EventStoreError/unavailable(reason:)`` while there is none.
    func current() throws -> Instance {
        try state.withLock { state in
            switch state.phase {
            case .open(let instance): return instance
            case .reopening(_, let reason, _): throw EventStoreError.unavailable(reason: reason)
            case .closed: throw EventStoreError.unavailable(reason: "the event store has been closed")
            }
        }
    }

    /// The same, waiting for an engine that is being opened anew.
    func waitForCurrent(_ patience: Duration = patience) async throws -> Instance {
        let deadline = ContinuousClock.now + patience
        while true {
            do {
                return try current()
            } catch {
                if ContinuousClock.now >= deadline { throw error }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// The same for callers with a thread of their own.
    func blockUntilCurrent(_ patience: Duration = patience) throws -> Instance {
        let deadline = ContinuousClock.now + patience
        while true {
            do {
                return try current()
            } catch {
                if ContinuousClock.now >= deadline { throw error }
                Thread.sleep(forTimeInterval: 0.02)
            }
        }
    }

    /// Which life of the engine this is, or which one is being begun; counts from 1.
    var number: Int { state.withLock { $0.number } }

    var usage: EngineUsage {
        let (instance, sessions, number) = state.withLock { state in
            var instance: Instance?
            if case .open(let current) = state.phase { instance = current }
            return (instance, state.sessions.count { $0.pool != nil }, state.number)
        }
        var usage = EngineUsage()
        usage.sessions = sessions
        usage.reopenings = number - 1
        guard let instance else { return usage }
        (usage.reading, usage.waitingToRead) = (instance.readers.busy, instance.readers.waiting)
        (usage.upkeep, usage.waitingForUpkeep) = (instance.upkeep.busy, instance.upkeep.waiting)
        return usage
    }

    /// Why nothing can be read or stored at present; nil while it can.
    var unavailability: String? {
        state.withLock { state in
            guard case .reopening(let since, let reason, _) = state.phase else { return nil }
            let seconds = Int(since.duration(to: .now) / .seconds(1))
            return "the event engine failed and is being opened anew, for \(seconds) s: \(reason)"
        }
    }

    /// Why it does not look as if the engine could be opened again; nil while there is hope.
    var failure: String? {
        state.withLock { state in
            guard case .reopening(_, let reason, let attempts) = state.phase, attempts >= Self.hopefulAttempts else {
                return nil
            }
            return "the event engine could not be opened anew: \(reason)"
        }
    }

    /// A pool of its own for somebody; it ends with the engine's life.
    func makeSession(of database: Database) throws -> ConnectionPool {
        let pool = try ConnectionPool(database, size: 1)
        state.withLock { state in
            state.sessions.removeAll { $0.pool == nil }
            state.sessions.append(Session(pool: pool))
        }
        return pool
    }

    /// - Parameter release: lets go of a connection that is held outside of pools, waiting for its present use.
    func onRelease(_ release: @escaping @Sendable () -> Void) {
        state.withLock { $0.holders.append(release) }
    }

    /// To be told of every error that may mean the end of a life.
    /// - Returns: what the caller should throw instead: whoever was interrupted only because the engine's life ended
    ///   is told so.
    @discardableResult
    func judge(_ error: any Error, of instance: Instance) -> any Error {
        let isOver = state.withLock { state in
            guard case .open(let current) = state.phase else { return true }
            return current.number != instance.number
        }
        if isOver {
            let isInterrupted = (error as? DuckDBError)?.kind == .interrupted
            guard isInterrupted || error is PoolError || (error as? DuckDBError)?.mayEndDatabase == true else {
                return error
            }
            return EventStoreError.unavailable(reason: "the event engine failed and is being opened anew")
        }
        guard let error = error as? DuckDBError, error.mayEndDatabase, Self.isDead(instance) else { return error }
        reopen(instance, because: error.message)
        return EventStoreError.unavailable(reason: error.message)
    }

    /// Whether the engine refuses everything.
    static func isDead(_ instance: Instance) -> Bool {
        do {
            let connection = try instance.database.connect()
            let rows = try connection.query("SELECT 1 FROM \(EventTable.name) LIMIT 1")
            _ = try rows.next()
            rows.close()
            return false
        } catch {
            return true
        }
    }

    /// Lets go of everything. Nothing may use the engine afterwards.
    func close() {
        let phase = state.withLock { state in
            defer { state.phase = .closed }
            return state.phase
        }
        if case .open(let instance) = phase { release(instance.pools) }
    }

    private func reopen(_ instance: Instance, because reason: String) {
        let begins = state.withLock { state in
            guard case .open(let current) = state.phase, current.number == instance.number else { return false }
            state.phase = .reopening(since: .now, reason: reason, failedAttempts: 0)
            state.number += 1
            return true
        }
        guard begins else { return }
        logger.error("the event engine has failed and is opened anew", metadata: ["reason": "\(reason)"])
        let (pools, number) = (instance.pools, instance.number)
        let database = WeakDatabase(instance.database)
        EngineThread.start("event engine") { [self] in
            release(pools)
            if waitUntilClosed({ database.isGone }) { openAnew(number + 1) }
        }
    }

    private func release(_ pools: [ConnectionPool]) {
        let (sessions, holders) = state.withLock { state in
            defer { state.sessions = [] }
            return (state.sessions.compactMap(\.pool), state.holders)
        }
        for pool in sessions + pools { pool.retire() }
        for release in holders { release() }
    }

    /// Two lives must not have the file open at the same time: nothing between them would keep the one from overwriting
    /// what the other writes.
    private func waitUntilClosed(_ isClosed: () -> Bool) -> Bool {
        let deadline = Date().addingTimeInterval(Self.releaseSeconds)
        while !isClosed() {
            if Date() > deadline {
                let reason = "something still uses the engine that failed; start the server anew"
                state.withLock { $0.phase = .reopening(since: .now, reason: reason, failedAttempts: .max) }
                logger.critical("the event engine cannot be opened anew", metadata: ["reason": "\(reason)"])
                return false
            }
            Thread.sleep(forTimeInterval: 0.01)
        }
        return true
    }

    private func openAnew(_ number: Int) {
        var pause = 0.2
        for attempt in 1... {
            do {
                let instance = try makeInstance(number)
                let isWanted = state.withLock { state in
                    if case .closed = state.phase { return false }
                    state.phase = .open(instance)
                    return true
                }
                if isWanted { logger.notice("the event engine is open again", metadata: ["attempts": "\(attempt)"]) }
                return
            } catch {
                let isWanted = state.withLock { state in
                    guard case .reopening(let since, _, _) = state.phase else { return false }
                    state.phase = .reopening(since: since, reason: "\(error)", failedAttempts: attempt)
                    return true
                }
                guard isWanted else { return }
                logger.error(
                    "the event engine could not be opened anew and is tried again", metadata: ["reason": "\(error)"])
                Thread.sleep(forTimeInterval: pause)
                pause = min(pause * 2, Self.longestPauseSeconds)
            }
        }
    }
}

/// Tells whether a database has been closed.
private struct WeakDatabase: @unchecked Sendable {
    private weak var database: Database?

    init(_ database: Database) {
        self.database = database
    }

    var isGone: Bool { database == nil }
}

/// Why the event store gives no answer.
public enum EventStoreError: Error, CustomStringConvertible {
    /// The engine has failed and is being opened anew; the same call may succeed after a moment.
    case unavailable(reason: String)

    public var description: String {
        switch self {
        case .unavailable(let reason): "The event store cannot be used at present: \(reason)"
        }
    }
}
