import Foundation
import UnixSignals

/// Waits for what happens at the server, and tells whoever sits before the terminal how far it is.
enum Waiting {
    /// Runs a body until it ends, or until somebody interrupts the command.
    /// - Parameter interrupted: what to say then; the work goes on at the server.
    /// - Throws: what the body throws; ``CommandError`` with ``ExitStatus/incomplete`` when it was interrupted.
    static func run<Result: Sendable>(
        sayingWhenInterrupted interrupted: String, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result.self) { group in
            let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
            defer { group.cancelAll() }
            group.addTask { try await body() }
            group.addTask {
                for await _ in signals { throw CommandError("Interrupted. \(interrupted)", .incomplete) }
                // Cancelled: the other one has ended.
                throw CancellationError()
            }
            guard let result = try await group.next() else { throw CancellationError() }
            return result
        }
    }

    /// A line that the next one takes the place of, on a terminal; elsewhere it would only fill a log.
    static func show(_ progress: String) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K\(progress)".utf8))
    }

    /// Leaves the line as it is.
    static func endLine() {
        guard isatty(STDERR_FILENO) == 1 else { return }
        FileHandle.standardError.write(Data("\n".utf8))
    }

    static func say(_ line: String) {
        FileHandle.standardError.write(Data("\(line)\n".utf8))
    }
}
