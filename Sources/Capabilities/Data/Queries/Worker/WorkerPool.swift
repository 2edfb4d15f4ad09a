import Foundation
import Logging
import NIOPosix
import Sandbox
import Synchronization

/// Processes for queries, one each, and the threads that talk to them.
///
/// After a query the next process is started, so that the next query need not wait for that; it goes when no query
/// comes for a while.
final class WorkerPool: Sendable {
    private struct State {
        var spare: ChildProcess?
        /// Counts the spares, so that a timer knows its own.
        var spareNumber = 0
        var isStopped = false
    }

    private let program: WorkerProgram
    private let settings: WorkerSettings
    private let threads: NIOThreadPool
    private let logger: Logger
    private let state = Mutex(State())

    private static let spareSeconds = 60
    static let startSeconds = 60

    /// - Parameters:
    ///   - limits: memory and threads of a process.
    ///   - readableFolder: where processes may read files.
    ///   - workFolder: where they may write files; made anew, so that nothing is left of an earlier server.
    ///   - size: processes at work at once.
    /// - Throws: when `workFolder` cannot be made.
    init(
        program: WorkerProgram, limits: QueryLimits, readableFolder: String, workFolder: String, size: Int,
        logger: Logger
    ) throws {
        try? FileManager.default.removeItem(atPath: workFolder)
        try FileManager.default.createDirectory(
            atPath: workFolder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        self.program = program
        self.logger = logger
        settings = WorkerSettings(
            engineBytes: limits.engineBytes, memoryBytes: limits.engineBytes + limits.memoryBytes,
            threads: limits.threads, mirrorFolder: readableFolder, workFolder: workFolder)
        threads = NIOThreadPool(numberOfThreads: max(size, 1))
        threads.start()
    }

    deinit {
        threads.shutdownGracefully { _ in }
    }

    /// Runs a body with a process that waits for its query, on a thread that may block. The process is gone afterwards.
    ///
    /// A process may end before it begins, for want of memory or killed by others, and nothing has happened then: the body
    /// runs once more, with another one.
    ///
    /// - Throws: what the body throws; ``WorkerNotBegun`` when no process began.
    func run<Result: Sendable>(_ body: @escaping @Sendable (ChildProcess) throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            threads.submit { state in
                guard state == .active else { return continuation.resume(throwing: CancellationError()) }
                continuation.resume(with: Swift.Result { try self.attempt(body) })
                self.prepare()
            }
        }
    }

    private func attempt<Result>(_ body: (ChildProcess) throws -> Result) throws -> Result {
        do {
            return try body(try take())
        } catch let death as WorkerNotBegun {
            logger.warning("a process for queries ended before it began", metadata: ["reason": "\(death.reason)"])
        }
        return try body(try start())
    }

    /// Ends the process that waits for a query, and starts no other to wait.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.spare = nil
        }
    }

    /// How many processes have been started to wait for a query.
    var sparesStarted: Int { state.withLock { $0.spareNumber } }

    /// - Throws: ``WorkerNotBegun``; when there is no engine.
    private func take() throws -> ChildProcess {
        let spare = state.withLock { $0.spare.take() }
        // It may have been ended by others, for want of memory.
        if let spare, spare.ending(waitingMilliseconds: 0) == nil { return spare }
        return try start()
    }

    private func start() throws -> ChildProcess {
        let environment = try program.environment()
        let frame = WorkerFrame(kind: .settings, content: settings.encoded)
        do {
            let process = try ChildProcess(path: program.path, arguments: program.arguments, environment: environment)
            try process.write(frame.encoded(), until: .now + .seconds(Self.startSeconds))
            return process
        } catch {
            throw WorkerNotBegun(error)
        }
    }

    private func prepare() {
        guard state.withLock({ $0.spare == nil && !$0.isStopped }), let process = try? start() else { return }
        let number: Int? = state.withLock { state in
            // It may have been stopped meanwhile.
            guard !state.isStopped else { return nil }
            state.spare = process
            state.spareNumber += 1
            return state.spareNumber
        }
        guard let number else { return }
        Task { [weak self] in
            try await Task.sleep(for: .seconds(Self.spareSeconds))
            self?.state.withLock { state in
                if state.spareNumber == number { state.spare = nil }
            }
        }
    }
}
