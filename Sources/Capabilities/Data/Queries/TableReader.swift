import Foundation
public import Logging
import Sandbox

/// Reads Parquet files that strangers have made.
///
/// Each has a process of its own, confined as those of queries are: whatever a file does to the engine that reads it, the
/// engine that stores events never sees it.
public final class TableReader: Sendable {
    /// Why a file has no rows.
    public enum Failure: Error, Sendable {
        /// It is the file's fault; the text is for its sender.
        case unreadable(reason: String)
        /// It is the server's.
        case unavailable(reason: String)
    }

    private let workFolder: String
    private let seconds: Int
    private let pool: WorkerPool

    /// - Parameters:
    ///   - workFolder: a folder for the files while they are read; emptied.
    ///   - program: what reads a file, see ``QueryWorker``.
    ///   - limits: memory and threads of a process.
    ///   - seconds: how long one may take.
    /// - Throws: when `workFolder` cannot be made.
    public init(
        workFolder: String, program: WorkerProgram, limits: QueryLimits = QueryLimits(), seconds: Int = 600,
        logger: Logger
    ) throws {
        self.workFolder = workFolder
        self.seconds = seconds
        pool = try WorkerPool(
            program: program, limits: limits, readableFolder: workFolder, workFolder: workFolder, size: 1,
            logger: logger)
    }

    /// Writes the rows of a Parquet file to another file, one line of JSON each, all values as texts.
    ///
    /// - Parameters:
    ///   - path: the Parquet file. It is moved away and gone afterwards.
    ///   - columns: those wanted; others are passed over.
    ///   - output: the file to be written. What is there when this throws is of no use.
    ///   - maximumBytes: what it may grow to.
    /// - Throws: ``Failure``; `CancellationError`.
    public func read(
        parquetAt path: String, columns: [String], into output: String, maximumBytes: Int
    ) async throws {
        let folder = "\(workFolder)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let order = TableOrder(
            path: "\(folder)/table.parquet", columns: columns, seconds: seconds, resultBytes: maximumBytes)
        try FileManager.default.moveItem(atPath: path, toPath: order.path)
        let stop = QueryStop()
        do {
            try await withTaskCancellationHandler {
                try await pool.run { process in
                    do {
                        try TableConversation(order: order, stop: stop).run(on: process, into: output)
                    } catch  where stop.isStopped {
                        throw CancellationError()
                    }
                }
            } onCancel: {
                stop.stop()
            }
        } catch let death as WorkerNotBegun {
            throw Failure.unavailable(reason: "the process for a Parquet file did not start: \(death.reason)")
        }
    }
}
