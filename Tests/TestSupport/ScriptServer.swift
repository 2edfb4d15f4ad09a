import Foundation

/// A server written in Python that runs beside the tests and ends with them: it reads its standard input until that is
/// closed, which the system does when this process ends, however it ends.
package final class ScriptServer: @unchecked Sendable {
    /// The JSON object that the script prints once it accepts connections.
    package let announcement: [String: String]
    // Only `stop` and `deinit` touch these after the initialiser.
    private let process: Process
    private let input: Pipe

    /// Starts the server on a thread that may wait for it.
    package static func start(
        script: String, having module: String, arguments: [String] = []
    ) async throws -> ScriptServer {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result { try ScriptServer(script: script, having: module, arguments: arguments) })
            }
        }
    }

    private init(script: String, having module: String, arguments: [String]) throws {
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: try PythonInterpreter.find(having: module))
        process.arguments = ["-c", script] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        self.process = process
        self.input = input
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            let received = output.fileHandleForReading.availableData
            guard !received.isEmpty else { throw NotStarted(module: module) }
            line += received
        }
        announcement = try JSONDecoder().decode([String: String].self, from: line)
    }

    deinit { stop() }

    /// Ends the process by its own number and waits for it.
    package func stop() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    struct NotStarted: Error, CustomStringConvertible {
        let module: String
        var description: String { "The test server on '\(module)' ended before it accepted connections." }
    }
}
