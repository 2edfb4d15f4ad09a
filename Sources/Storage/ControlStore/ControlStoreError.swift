/// Why a control store cannot be opened. Each says which file is meant and what an operator can do.
public enum ControlStoreError: Error, Equatable, CustomStringConvertible {
    /// The file holds migrations that this version does not know.
    case writtenByNewerVersion(path: String)
    /// The file is empty, or of another kind.
    case notAControlStore(path: String)
    /// SQLite finds the file damaged.
    case damaged(path: String, reason: String)
    /// It cannot be opened for a reason that lies outside of it: permissions, a full disk.
    case cannotOpen(path: String, reason: String)

    public var description: String {
        switch self {
        case .writtenByNewerVersion(let path):
            "\(path) was written by a newer version of the server; start that version, or restore an older backup"
        case .notAControlStore(let path):
            "\(path) is empty or no control store. It holds accounts, keys and profiles, and nothing else can replace it: "
                + "put the right file back, with its -wal, or restore the whole folder from a backup"
        case .damaged(let path, let reason):
            "\(path) is damaged (\(reason)). It holds accounts, keys and profiles, and nothing else can replace it: restore "
                + "the whole folder from a backup, or try `sqlite3 \(path) .recover` on a copy"
        case .cannotOpen(let path, let reason):
            "\(path) cannot be opened (\(reason)). Check its owner and permissions, also those of its folder, and that the "
                + "disk has room"
        }
    }
}
