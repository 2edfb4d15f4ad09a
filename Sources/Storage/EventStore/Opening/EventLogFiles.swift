import Foundation
import Logging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The files of the event log, looked at before the engine opens them.
struct EventLogFiles: Sendable {
    let path: String
    let logger: Logger

    /// What the engine writes commits to until a checkpoint, and those that come while a checkpoint runs.
    var writeAheadPath: String { "\(path).wal" }
    var checkpointWriteAheadPath: String { "\(path).wal.checkpoint" }

    var exists: Bool { FileManager.default.fileExists(atPath: path) }
    var hasWriteAheadLog: Bool { writeAheadBytes > 0 }

    /// Bytes in both write-ahead logs.
    var writeAheadBytes: Int { Self.size(writeAheadPath) + Self.size(checkpointWriteAheadPath) }

    private static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Removes a file in which nothing was ever written.
    func removeEmpty() throws {
        if exists, Self.size(path) == 0 { try FileManager.default.removeItem(atPath: path) }
    }

    /// - Throws: ``EventLogError/notALog(path:reason:)`` for a file that the engine would not take for its own.
    func checkKind() throws {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw EventLogError.cannotOpen(path: path, reason: String(cString: strerror(errno)))
        }
        defer { try? file.close() }
        let head = try file.read(upToCount: 12) ?? Data()
        // The engine's files have these bytes after a checksum; some other kinds it would open in its own way.
        guard head.count == 12, head.dropFirst(8).elementsEqual("DUCK".utf8) else {
            throw EventLogError.notALog(path: path, reason: "it is not a file of the event engine")
        }
    }

    /// Cuts what a crash left of a commit off the write-ahead logs. The bytes are kept in a file beside, for a while.
    /// - Parameter acceptsLoss: whether to cut where commits that were answered for have been damaged, too.
    /// - Returns: how many commits the engine will have to read back.
    /// - Throws: ``EventLogError/damaged(path:log:)``.
    func mend(acceptsLoss: Bool) throws -> Int {
        var commits = 0
        for path in [writeAheadPath, checkpointWriteAheadPath] {
            guard let log = try WriteAheadLog(path: path) else { continue }
            commits += log.commits
            if log.end == .whole { continue }
            if log.end == .damaged, !acceptsLoss { throw EventLogError.damaged(path: path, log: log.summary) }
            try cut(path, log)
        }
        return commits
    }

    private func cut(_ path: String, _ log: WriteAheadLog) throws {
        let kept = "\(path)\(Self.cutSuffix)\(Self.moment)"
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        defer { try? file.close() }
        try file.seek(toOffset: UInt64(log.wholeBytes))
        try (try file.readToEnd() ?? Data()).write(to: URL(fileURLWithPath: kept))
        try file.truncate(atOffset: UInt64(log.wholeBytes))
        try file.synchronize()
        logger.warning(
            log.end == .torn
                ? "the write-ahead log ended within a commit that nobody was told of; that has been cut off"
                : "the write-ahead log was damaged; what follows the damage has been given up",
            metadata: [
                "file": "\(path)", "whole_commits": "\(log.commits)", "whole_bytes": "\(log.wholeBytes)",
                "cut_bytes": "\(log.totalBytes - log.wholeBytes)", "kept_as": "\(kept)",
            ])
    }

    /// Moves all files of the log out of the way.
    func setAside() throws {
        let moment = Self.moment
        for path in [path, writeAheadPath, checkpointWriteAheadPath, "\(writeAheadPath).recovery"]
        where FileManager.default.fileExists(atPath: path) {
            let kept = "\(path)\(Self.lostSuffix)\(moment)"
            try FileManager.default.moveItem(atPath: path, toPath: kept)
            logger.warning("the event log has been given up", metadata: ["file": "\(path)", "kept_as": "\(kept)"])
        }
    }

    /// Now, in a form for file names.
    private static var moment: String {
        Date().ISO8601Format().replacing(":", with: "").replacing("-", with: "")
    }
}
