import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How a data folder stood before it was made, so that a making that fails takes back what it made, and nothing else.
struct FolderBeginning {
    private let path: String
    /// Folders that were not there, the innermost first.
    private let newFolders: [String]
    private let lacksLock: Bool
    /// Files that were not there.
    private var newFiles: [String] = []

    /// - Parameter path: where the folder is, or is to be.
    init(of path: String) {
        self.path = path
        var folders = ["\(path)/work/spill", "\(path)/work", "\(path)/uploads"]
        var outer = URL(fileURLWithPath: path).standardizedFileURL
        // Those above it are made along with it.
        while outer.path != "/", !FileManager.default.fileExists(atPath: outer.path) {
            folders.append(outer.path)
            outer.deleteLastPathComponent()
        }
        lacksLock = !FileManager.default.fileExists(atPath: "\(path)/sextant.lock")
        newFolders = folders.filter { !FileManager.default.fileExists(atPath: $0) }
    }

    /// Notes which files are missing. Only whoever holds the folder's lock knows that what appears afterwards is their own.
    mutating func noteFiles() {
        newFiles = FolderPart.all(in: path).filter { $0.kind == .file }.map(\.path)
            .filter { !FileManager.default.fileExists(atPath: $0) }
        // Taking hold of the folder has made it.
        if lacksLock { newFiles.append("\(path)/sextant.lock") }
    }

    /// Adds a file that was just made elsewhere.
    mutating func add(file: String) { newFiles.append(file) }

    /// Removes the files that were not there.
    func removeFiles() {
        for file in newFiles { unlink(file) }
    }

    /// Removes the folders that were not there, unless somebody has put something into them.
    func removeFolders() {
        for folder in newFolders { rmdir(folder) }
    }
}
