import ControlStore
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where the parts of the data folder lie. Making it creates what is missing.
struct DataFolder {
    let path: String

    init(_ path: String) throws {
        self.path = path
        for folder in [path, "\(path)/uploads", "\(path)/work/spill"] {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw SettingsError.refused(
                    "The folder \(folder) cannot be made (\(Self.reason(error))). Check that no file has its name, its "
                        + "owner and permissions, and that the disk has room.")
            }
        }
    }

    /// What the system said, without the words around it.
    private static func reason(_ error: any Error) -> String {
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error
        return (underlying ?? error).localizedDescription
    }

    var controlPath: String { "\(path)/control.sqlite" }
    var eventsPath: String { "\(path)/events.duckdb" }
    var masterKeyPath: String { "\(path)/master.key" }
    /// Whoever holds its lock copies the event log.
    var copyingLockPath: String { "\(path)/backup.lock" }
    var blobsPath: String { "\(path)/blobs" }
    var mailPath: String { "\(path)/mail" }
    var uploadsPath: String { "\(path)/uploads" }
    var workPath: String { "\(path)/work" }
    /// The copy of the events that queries read.
    var mirrorPath: String { "\(path)/mirror" }
    /// The orders of lists that clients are scrolling through.
    var listsPath: String { "\(path)/lists" }
    /// What reports read instead of the log.
    var summariesPath: String { "\(path)/summaries" }
    /// What queries keep in files while they run.
    var queriesPath: String { "\(path)/work/queries" }
    /// Where Parquet files lie while a process reads them.
    var tablesPath: String { "\(path)/work/tables" }
    /// Where the event engine spills.
    var spillPath: String { "\(path)/work/spill" }

    /// - Throws: when there is nothing to serve, with the way to it.
    static func requireData(in path: String) throws {
        for part in FolderPart.all(in: path) { try part.check() }
        try requireNoOrphans(in: path)
        var status = stat()
        guard stat("\(path)/control.sqlite", &status) == 0 else {
            throw SettingsError.refused("There is no data in \(path). Create it with: sextant init --data \(path)")
        }
        if status.st_size == 0 { throw ControlStoreError.notAControlStore(path: "\(path)/control.sqlite") }
    }

    /// - Throws: when the control store is missing beside what belongs to it: a new one would know of nothing there.
    static func requireNoOrphans(in path: String) throws {
        if FileManager.default.fileExists(atPath: "\(path)/control.sqlite") { return }
        guard FileManager.default.fileExists(atPath: "\(path)/events.duckdb") else { return }
        throw SettingsError.refused(
            "\(path)/control.sqlite is missing beside events.duckdb. It holds accounts, keys and profiles: put it back, with "
                + "its -wal, or restore the whole folder from a backup; for a new start choose an empty folder.")
    }

    /// Keeps other processes out of the folder until released or until this process ends, however it ends.
    func lock() throws -> DataFolderLock {
        let descriptor = open("\(path)/sextant.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SettingsError.refused("The data folder \(path) cannot be written; check its owner and permissions.")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw SettingsError.refused(
                "Another sextant process is using \(path); stop it first, or choose another --data.")
        }
        return DataFolderLock(descriptor: descriptor)
    }
}

/// A held lock.
struct DataFolderLock {
    fileprivate let descriptor: Int32

    func release() {
        close(descriptor)
    }
}
