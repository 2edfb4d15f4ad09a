import Foundation
public import InternetAddress
public import Logging
import Metrics
import Synchronization

/// The locations of addresses, by a file that its owner may replace at any time.
public final class LocationDatabases: Sendable {
    private struct State {
        var database: LocationDatabase
        /// What stood there when it was last looked at; nil for nothing.
        var seen: FileMark?
    }

    private let path: String
    private let folder: String
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameters:
    ///   - path: of the file.
    ///   - folder: for copies of it, which have no names.
    /// - Throws: ``LocationDatabaseError``.
    public init(path: String, folder: String, logger: Logger) throws(LocationDatabaseError) {
        self.path = path
        self.folder = folder
        self.logger = logger
        // Before it is read: what is written meanwhile is seen the next time.
        let mark = FileMark(path)
        let database = try LocationDatabase(copying: path, into: folder)
        state = Mutex(State(database: database, seen: mark))
    }

    /// Where an address is; nil where nothing is known, or what the file has cannot be read, which is counted.
    public func location(of address: IPAddress) -> Location? {
        let database = state.withLock { $0.database }
        do {
            let location = try database.location(of: address)
            (location == nil ? Self.unknown : Self.found).increment()
            return location
        } catch {
            Self.broken.increment()
            return nil
        }
    }

    /// Reads the file anew where it has changed. One that cannot be used is told once, and the one before it goes on being
    /// asked. It must not run twice at a time.
    public func refresh() {
        let mark = FileMark(path)
        let isKnown = state.withLock { state in
            defer { state.seen = mark }
            return state.seen == mark
        }
        if isKnown { return }
        do {
            let database = try LocationDatabase(copying: path, into: folder)
            state.withLock { $0.database = database }
            logger.notice("the database of locations has been read anew", metadata: ["path": "\(path)"])
        } catch {
            logger.warning(
                "the database of locations cannot be read; the one before it goes on being used",
                metadata: ["path": "\(path)", "reason": "\(error)"])
        }
    }

    private static let found = lookups("found")
    private static let unknown = lookups("unknown")
    private static let broken = lookups("broken")

    private static func lookups(_ outcome: String) -> Counter {
        Counter(label: "sextant_location_lookups_total", dimensions: [("outcome", outcome)])
    }
}

/// Tells whether a file is the one that it was.
private struct FileMark: Equatable {
    private let device: UInt64
    private let number: UInt64
    private let size: Int64
    private let modifiedAt: Int64
    private let modifiedNanoseconds: Int64

    /// Nil where there is none.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modifiedAt = Int64(status.st_mtim.tv_sec)
        modifiedNanoseconds = Int64(status.st_mtim.tv_nsec)
    }
}
