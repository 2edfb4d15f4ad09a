import Foundation
import NIOCore

/// A regular file open for reading, closed when nobody needs it any more. Every method blocks.
///
/// Reads name their own offset, so the file has no position that two readers could disturb.
final class OpenFile: Sendable {
    let path: String
    /// Bytes, when it was opened.
    let size: Int
    /// Another whenever the file is another, or has been written to.
    let version: String
    private let descriptor: Int32

    /// - Throws: ``FileAccessError`` when there is no regular file at `path`; symbolic links are not followed.
    init(path: String) throws(FileAccessError) {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT, ENOTDIR: throw .missing
            case ELOOP: throw .notRegular
            default: throw .refused(operation: "open", code: errno)
            }
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw .refused(operation: "open", code: code)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .notRegular
        }
        self.path = path
        self.size = Int(status.st_size)
        let modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        version = [Int64(status.st_ino), Int64(status.st_size), modified].map { String($0, radix: 36) }
            .joined(separator: "-")
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Up to `count` bytes from `offset` on; fewer only at the file's end.
    func read(at offset: Int, count: Int) throws(BlobStoreError) -> ByteBuffer {
        var buffer = ByteBuffer()
        var outcome = Result<Int, BlobStoreError>.success(0)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
            let target = UnsafeMutableRawBufferPointer(rebasing: target.prefix(count))
            outcome = Result { () throws(BlobStoreError) in try read(at: offset, into: target) }
            return (try? outcome.get()) ?? 0
        }
        _ = try outcome.get()
        return buffer
    }

    /// Fills `target` from `offset` on.
    /// - Returns: how many bytes it got; fewer than asked for only at the file's end.
    func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(BlobStoreError) -> Int {
        var count = 0
        while count < target.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: target[count...])
            let received = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + count))
            if received < 0, errno == EINTR { continue }
            guard received >= 0 else { throw .disk(operation: "read", path: path, code: errno) }
            if received == 0 { break }
            count += received
        }
        return count
    }

    /// Waits until the content is on the disk itself.
    func synchronize() throws(BlobStoreError) {
        guard fsync(descriptor) == 0 else { throw .disk(operation: "synchronize", path: path, code: errno) }
    }
}

/// Why a file could not be opened.
enum FileAccessError: Error {
    case missing
    case notRegular
    case refused(operation: String, code: Int32)

    /// The end of a sentence that begins with the file's path.
    var reason: String {
        switch self {
        case .missing: "it does not exist"
        case .notRegular: "it is not a regular file"
        case .refused(_, let code): String(cString: strerror(code))
        }
    }
}

extension BlobStoreError {
    /// ``disk(operation:path:reason:)`` with the system's words for an error number.
    static func disk(operation: String, path: String, code: Int32) -> BlobStoreError {
        .disk(operation: operation, path: path, reason: String(cString: strerror(code)))
    }
}
