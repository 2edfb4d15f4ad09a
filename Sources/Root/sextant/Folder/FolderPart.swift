import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A part of the data folder, looked at before anything opens it: what is not what it should be is told by its name,
/// before it shows as an error of whoever stumbles over it.
struct FolderPart {
    enum Kind: String {
        case file = "a file"
        case folder = "a folder"
    }

    let path: String
    let kind: Kind

    /// All parts of a data folder, those that a server may lack included.
    static func all(in folder: String) -> [FolderPart] {
        [
            "control.sqlite", "control.sqlite-wal", "control.sqlite-shm", "events.duckdb", "events.duckdb.wal",
            "events.duckdb.wal.checkpoint", "master.key", "sextant.lock",
        ].map { FolderPart(path: "\(folder)/\($0)", kind: .file) }
            + ["mirror", "summaries", "blobs", "lists", "mail", "uploads", "work", "work/spill", "work/queries"].map {
                FolderPart(path: "\(folder)/\($0)", kind: .folder)
            }
    }

    /// - Throws: ``FolderPartError``. What is not there is no error.
    func check() throws(FolderPartError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return }
            throw FolderPartError(part: self, defect: .unreachable(Self.reason))
        }
        guard stat(path, &status) == 0 else {
            throw FolderPartError(part: self, defect: errno == ENOENT ? .linkToNothing : .unreachable(Self.reason))
        }
        guard status.st_mode & S_IFMT == (kind == .file ? S_IFREG : S_IFDIR) else {
            throw FolderPartError(part: self, defect: .anotherKind)
        }
        guard access(path, kind == .file ? R_OK | W_OK : R_OK | W_OK | X_OK) == 0 else {
            throw FolderPartError(part: self, defect: .forbidden(Self.reason))
        }
    }

    private static var reason: String { String(cString: strerror(errno)) }
}

/// A part of the data folder that nothing can be done with.
struct FolderPartError: Error, CustomStringConvertible {
    enum Defect {
        case linkToNothing
        case anotherKind
        case forbidden(String)
        case unreachable(String)
    }

    let part: FolderPart
    let defect: Defect

    var description: String {
        switch defect {
        case .linkToNothing:
            "\(part.path) is a link to nothing. Mount or put back what it leads to, or restore the folder from a backup."
        case .anotherKind:
            "\(part.path) is not \(part.kind.rawValue). Move it away, and put back what belongs there, or restore the folder "
                + "from a backup."
        case .forbidden(let reason):
            "\(part.path) cannot be read and written (\(reason)). Give it, and what is in it, to the user that runs the server."
        case .unreachable(let reason):
            "\(part.path) cannot be reached (\(reason)). Check the disk, and the owners of the folders above it."
        }
    }
}
