public import Time

/// Why the event log cannot be opened as it is. Each says which file is meant and what an operator can do.
public enum EventLogError: Error, CustomStringConvertible {
    /// There is no file, and the rest of the data folder knows of one.
    case missing(path: String)
    /// The file is no event log.
    case notALog(path: String, reason: String)
    /// The file is that of another data folder.
    case foreign(path: String)
    /// Events that are known elsewhere are not in it.
    case endsEarly(path: String, end: Timestamp?, known: Timestamp)
    /// Commits in the write-ahead log are damaged.
    case damaged(path: String, log: WriteAheadLogSummary)
    /// The engine cannot read it.
    case unreadable(path: String, reason: String)
    /// It cannot be opened for a reason that lies outside of it: permissions, a full disk, another process.
    case cannotOpen(path: String, reason: String)

    /// Whether the operator may decide to go on without what is lost.
    public var isLoss: Bool {
        if case .cannotOpen = self { return false }
        return true
    }

    public var description: String {
        switch self {
        case .missing(let path):
            "\(path) is missing, and control.sqlite knows of events. Put the file back, with its .wal, or restore the whole "
                + "folder from a backup. \(Self.wayOut("starts with no events"))"
        case .notALog(let path, let reason):
            "\(path) cannot be the event log: \(reason). Put the right file back, or restore the whole folder from a backup. "
                + Self.wayOut("puts the file aside and starts with no events")
        case .foreign(let path):
            "\(path) is the event log of another data folder. Put the right file back, or restore the whole folder from a "
                + "backup. \(Self.wayOut("puts the file aside and starts with no events"))"
        case .endsEarly(let path, let end, let known):
            "\(path) ends \(end.map { "at \($0.formatted(.microsecondsUTC))" } ?? "before its first event"), and "
                + "control.sqlite has taken in events up to \(known.formatted(.microsecondsUTC)): the file is older than it, "
                + "or has lost its end. Put the newer file back, or restore the whole folder from a backup. "
                + Self.wayOut("goes on without the missing events; profiles and lists keep what they learnt from them")
        case .damaged(let path, let log):
            "\(path) is damaged after byte \(log.wholeBytes) of \(log.totalBytes): \(log.commits) commits before it are "
                + "whole, what follows cannot be read and was stored once. Restore the whole folder from a backup. "
                + Self.wayOut("keeps the whole commits and puts the rest aside")
        case .unreadable(let path, let reason):
            "\(path) cannot be read: \(reason). Restore the whole folder from a backup. "
                + Self.wayOut("puts the file aside and starts with no events")
        case .cannotOpen(let path, let reason):
            "\(path) cannot be opened: \(reason). Check its owner and permissions, that no other process has it open, and "
                + "that the disk has room."
        }
    }

    private static func wayOut(_ consequence: String) -> String {
        "Or start with: sextant serve --accept-loss=events, which \(consequence)."
    }
}

/// How far a write-ahead log can be read.
public struct WriteAheadLogSummary: Sendable, Equatable {
    public let wholeBytes: Int
    public let totalBytes: Int
    public let commits: Int
}
