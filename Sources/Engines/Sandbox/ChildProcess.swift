import CSandbox
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A program that runs beside this one, with a pipe each way and nothing else of this process: no files, no environment.
///
/// One caller at a time writes and reads, on a thread that may block; ``kill()`` may be called from any thread at any
/// time. Letting go of it ends it.
public final class ChildProcess: Sendable {
    /// How a process ended.
    public enum Ending: Sendable, Equatable {
        case exited(code: Int32)
        case signalled(Int32)
    }

    private struct State {
        var isReaped = false
        var ending: Ending?
    }

    private let identifier: pid_t
    private let input: Int32
    private let output: Int32
    private let state = Mutex(State())

    /// Starts a program. The thread that calls this must outlive it: the kernel ends the program with the thread.
    ///
    /// - Parameters:
    ///   - path: its file.
    ///   - arguments: what follows its name.
    ///   - environment: all of its environment.
    /// - Throws: ``ChildProcessError/notStarted(reason:)``.
    public init(path: String, arguments: [String], environment: [String: String]) throws(ChildProcessError) {
        Self.reapOrphans()
        var process: pid_t = 0
        var input: Int32 = -1
        var output: Int32 = -1
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        let error = sextant_spawn(path, &words, &variables, &process, &input, &output)
        guard error == 0 else { throw .notStarted(reason: "\(path): \(String(cString: strerror(error)))") }
        identifier = process
        self.input = input
        self.output = output
    }

    deinit {
        kill()
        close(input)
        close(output)
        if ending(waitingMilliseconds: 50) == nil { Self.orphans.withLock { $0.append(identifier) } }
    }

    /// Its number, for as long as it lives.
    public var processIdentifier: Int32 { identifier }

    /// Ends it and whatever it started, at once.
    public func kill() {
        state.withLock { state in
            guard !state.isReaped else { return }
            sextant_kill(identifier)
        }
    }

    /// Writes all the bytes.
    ///
    /// - Throws: ``ChildProcessError/ended`` when it no longer reads, ``ChildProcessError/tooSlow`` when it has not read
    ///   them by `deadline`.
    public func write(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) throws(ChildProcessError) {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes { sextant_write(input, $0.baseAddress! + start, $0.count - start) }
            if count >= 0 {
                start += count
                continue
            }
            guard errno == EAGAIN || errno == EINTR else { throw .ended }
            guard Self.wait(for: input, POLLOUT, until: deadline) else { throw .tooSlow }
        }
    }

    /// What it has written since the last call: empty when nothing came by `deadline`, nil once there will be no more.
    public func read(until deadline: ContinuousClock.Instant) -> [UInt8]? {
        guard Self.wait(for: output, POLLIN, until: deadline) else { return [] }
        var hasEnded = false
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { buffer, count in
            let result = sextant_read(output, buffer.baseAddress, buffer.count)
            hasEnded = result == 0 || (result < 0 && errno != EAGAIN && errno != EINTR)
            count = max(result, 0)
        }
        return hasEnded ? nil : bytes
    }

    /// How it ended; nil while it has not.
    ///
    /// - Parameter milliseconds: how long to wait for that at most.
    public func ending(waitingMilliseconds milliseconds: Int) -> Ending? {
        let deadline = ContinuousClock.now + .milliseconds(milliseconds)
        while true {
            let ending = state.withLock { state in
                if !state.isReaped, let status = Self.reap(identifier) {
                    state.isReaped = true
                    state.ending = status
                }
                return state.ending
            }
            if let ending { return ending }
            guard ContinuousClock.now < deadline else { return nil }
            usleep(500)
        }
    }

    private static let pieceBytes = 64 * 1_024

    /// Processes that were killed and had not ended when they were let go of.
    private static let orphans = Mutex<[pid_t]>([])

    private static func reapOrphans() {
        orphans.withLock { list in list.removeAll { reap($0) != nil } }
    }

    private static func reap(_ identifier: pid_t) -> Ending? {
        var status: Int32 = 0
        let result = waitpid(identifier, &status, WNOHANG)
        guard result != 0 else { return nil }
        // Somebody else took it off the list: how it ended is lost.
        guard result == identifier else { return .exited(code: -1) }
        let signal = status & 0x7F
        return signal == 0 ? .exited(code: status >> 8 & 0xFF) : .signalled(signal)
    }

    /// Whether a pipe became ready by `deadline`; its other end being gone counts as ready.
    private static func wait(for file: Int32, _ event: Int32, until deadline: ContinuousClock.Instant) -> Bool {
        while true {
            let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
            guard left > 0 else { return false }
            var request = pollfd(fd: file, events: Int16(event), revents: 0)
            let count = poll(&request, 1, Int32(min(left.rounded(.up), 60_000)))
            if count > 0 { return true }
            if count < 0 && errno != EINTR { return true }
        }
    }
}

/// Why there is no talking to a process.
public enum ChildProcessError: Error, Sendable, Equatable {
    case notStarted(reason: String)
    /// It has ended, or closed its end of the pipe.
    case ended
    /// It did not read in time.
    case tooSlow
}
