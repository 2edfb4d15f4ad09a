import Foundation
import NIOCore
import Time

extension LocalFolder {
    /// What is at `path` itself, symbolic links not followed; nil when nothing is.
    static func status(of path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    func parent(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
    }

    /// Waits until the folder's entries are on the disk itself. A folder that is gone needs none.
    func synchronize(folder: String) throws(BlobStoreError) {
        let descriptor = Foundation.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return }
            throw .disk(operation: "synchronize", path: folder, code: errno)
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .disk(operation: "synchronize", path: folder, code: errno) }
    }

    func write(_ chunk: ByteBuffer, to descriptor: Int32, at path: String) throws(BlobStoreError) {
        var chunk = chunk
        while chunk.readableBytes > 0 {
            var failure: Int32?
            let written = chunk.withUnsafeReadableBytes { bytes in
                let result = Foundation.write(descriptor, bytes.baseAddress, bytes.count)
                if result < 0 { failure = errno }
                return max(result, 0)
            }
            if let failure, failure != EINTR { throw .disk(operation: "write", path: path, code: failure) }
            chunk.moveReaderIndex(forwardBy: written)
        }
    }
}

extension Timestamp {
    /// When the content behind `status` was last written.
    init(modified status: stat) {
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        let whole = Timestamp(seconds: Int64(time.tv_sec))
        self.init(microseconds: whole.microseconds.addingSaturating(Int64(time.tv_nsec) / 1_000))
    }
}
