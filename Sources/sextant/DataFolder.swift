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
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
    }

    var controlPath: String { "\(path)/control.sqlite" }
    var eventsPath: String { "\(path)/events.duckdb" }
    var masterKeyPath: String { "\(path)/master.key" }
    var blobsPath: String { "\(path)/blobs" }
    var mailPath: String { "\(path)/mail" }
    var uploadsPath: String { "\(path)/uploads" }
    var workPath: String { "\(path)/work" }
    /// Where the event engine spills.
    var spillPath: String { "\(path)/work/spill" }

    /// Keeps other processes out of the folder until released or until this process ends, however it ends.
    func lock() throws -> DataFolderLock {
        let descriptor = open("\(path)/sextant.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SettingsError.invalid("The data folder \(path) cannot be written; check its owner and permissions.")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw SettingsError.invalid(
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
