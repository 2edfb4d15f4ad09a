import DuckDB
import Foundation

/// The program that runs one query.
public struct WorkerProgram: Sendable {
    /// Its file.
    public let path: String
    /// What follows its name on the command line.
    public let arguments: [String]

    /// Describes a program that calls ``QueryWorker/run()``.
    public init(path: String, arguments: [String]) {
        self.path = path
        self.arguments = arguments
    }

    /// This program, called with one word more.
    public static func this(_ command: String) -> WorkerProgram {
        let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return WorkerProgram(path: path ?? CommandLine.arguments[0], arguments: [command])
    }

    /// All of its environment: the engine that this process found, and no report of a crash, which takes seconds.
    func environment() throws -> [String: String] {
        ["SEXTANT_DUCKDB_LIBRARY": try Engine.load().path, "SWIFT_BACKTRACE": "enable=no"]
    }
}
