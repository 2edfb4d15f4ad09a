import Foundation
import NIOCore
import Time

/// The folder of a ``LocalBlobStore`` and its file operations. Every method blocks.
struct LocalFolder: Sendable {
    /// Absolute.
    let root: String

    /// Where files from another file system wait until they are whole. No key begins with a dot.
    private var unfinished: String { "\(root)/.unfinished" }

    private func path(of key: BlobKey) -> String { "\(root)/\(key.path)" }

    /// Creates the folders and removes what a crash left unfinished.
    func prepare() throws(BlobStoreError) {
        do {
            try FileManager.default.createDirectory(
                atPath: unfinished, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            for name in try FileManager.default.contentsOfDirectory(atPath: unfinished) {
                try FileManager.default.removeItem(atPath: "\(unfinished)/\(name)")
            }
        } catch {
            throw .disk(operation: "prepare", path: root, reason: error.localizedDescription)
        }
    }

    /// The file under `key`; nil when there is none.
    func open(_ key: BlobKey) throws(BlobStoreError) -> OpenFile? {
        do throws(FileAccessError) {
            return try OpenFile(path: path(of: key))
        } catch {
            switch error {
            case .missing, .notRegular: return nil
            case .refused(let operation, let code):
                throw .disk(operation: operation, path: path(of: key), code: code)
            }
        }
    }

    /// Gives `source` its place under `key`, in one step that survives a crash.
    func move(_ source: OpenFile, to key: BlobKey) throws(BlobStoreError) {
        try source.synchronize()
        let target = path(of: key)
        let parent = try createParents(of: key)
        if rename(source.path, target) != 0 {
            guard errno == EXDEV else { throw .disk(operation: "publish", path: target, code: errno) }
            try copy(source, to: target)
            unlink(source.path)
        }
        try synchronize(folder: parent)
    }

    func remove(_ key: BlobKey) throws(BlobStoreError) {
        let target = path(of: key)
        guard unlink(target) == 0 else {
            // A folder is no file: nothing is stored under its own name.
            if [ENOENT, ENOTDIR, EISDIR, EPERM].contains(errno), try open(key) == nil { return }
            throw .disk(operation: "remove", path: target, code: errno)
        }
        try synchronize(folder: parent(of: target))
    }

    func removeAll(below prefix: BlobKey) throws(BlobStoreError) {
        let target = path(of: prefix)
        guard let status = LocalFolder.status(of: target), status.st_mode & S_IFMT == S_IFDIR else { return }
        do {
            try FileManager.default.removeItem(atPath: target)
        } catch {
            guard LocalFolder.status(of: target) != nil else { return }
            throw .disk(operation: "remove", path: target, reason: error.localizedDescription)
        }
        try synchronize(folder: parent(of: target))
    }

    func list(below prefix: BlobKey?) throws(BlobStoreError) -> [BlobListing] {
        var listing: [BlobListing] = []
        var waiting: [BlobKey?] = [prefix]
        while let folder = waiting.popLast() {
            let directory = folder.map(path(of:)) ?? root
            guard let status = LocalFolder.status(of: directory), status.st_mode & S_IFMT == S_IFDIR else { continue }
            let names: [String]
            do {
                names = try FileManager.default.contentsOfDirectory(atPath: directory)
            } catch {
                guard LocalFolder.status(of: directory) != nil else { continue }
                throw .disk(operation: "list", path: directory, reason: error.localizedDescription)
            }
            for name in names {
                // Whatever somebody else put here under a name that is no key is not ours to show.
                guard let key = try? folder?.appending(name) ?? BlobKey(name),
                    let status = LocalFolder.status(of: path(of: key))
                else { continue }
                switch status.st_mode & S_IFMT {
                case S_IFDIR: waiting.append(key)
                case S_IFREG:
                    listing.append(
                        BlobListing(key: key, size: Int(status.st_size), modified: Timestamp(modified: status)))
                default: continue
                }
            }
        }
        return listing.sorted { $0.key < $1.key }
    }

    /// Creates the folders that lead to `key`, each safely entered in the one above, and returns the last.
    private func createParents(of key: BlobKey) throws(BlobStoreError) -> String {
        var directory = root
        for segment in key.path.split(separator: "/").dropLast() {
            let above = directory
            directory += "/\(segment)"
            if mkdir(directory, 0o700) == 0 {
                try synchronize(folder: above)
            } else if errno != EEXIST {
                throw .disk(operation: "create the folder", path: directory, code: errno)
            }
        }
        return directory
    }

    private func copy(_ source: OpenFile, to target: String) throws(BlobStoreError) {
        let temporary = "\(unfinished)/\(UUID().uuidString)"
        let descriptor = Foundation.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .disk(operation: "create", path: temporary, code: errno) }
        defer { close(descriptor) }
        do throws(BlobStoreError) {
            var offset = 0
            while offset < source.size {
                let chunk = try source.read(at: offset, count: FileChunks.chunkSize)
                guard chunk.readableBytes > 0 else {
                    throw .unusableSource(path: source.path, reason: "it became shorter while read")
                }
                offset += chunk.readableBytes
                try write(chunk, to: descriptor, at: temporary)
            }
            guard fsync(descriptor) == 0 else { throw .disk(operation: "synchronize", path: temporary, code: errno) }
            guard rename(temporary, target) == 0 else { throw .disk(operation: "publish", path: target, code: errno) }
        } catch {
            unlink(temporary)
            throw error
        }
    }
}
