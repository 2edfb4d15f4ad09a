import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// Large answers that are put together on disk before they are sent, so that neither memory nor a store is held for as
/// long as their receivers take.
public final class AnswerFiles: Sendable {
    private let folder: String
    private let counts = Mutex<[Int64: Int]>([:])

    /// Answers of one account at a time.
    public static let mostOfOne = 4

    /// - Parameter folder: what is in it may go when the server stops.
    public init(folder: String) {
        self.folder = folder
    }

    /// A file without a name, which is gone when nobody needs it any more, or with the process.
    /// - Parameter account: whose answer it is.
    /// - Throws: `APIError` 429 when the account has too many; `CocoaError` when there is no room.
    public func make(account: Int64) throws -> AnswerFile {
        let isFree = counts.withLock { counts in
            guard counts[account, default: 0] < Self.mostOfOne else { return false }
            counts[account, default: 0] += 1
            return true
        }
        guard isFree else {
            throw APIError.tooManyRequests(
                "\(Self.mostOfOne) large answers of the account are being sent; wait until one has arrived.",
                retryAfterSeconds: 10)
        }
        do {
            return try AnswerFile(folder: folder) { [self] in release(account) }
        } catch {
            release(account)
            throw error
        }
    }

    private func release(_ account: Int64) {
        counts.withLock { counts in
            let left = counts[account, default: 1] - 1
            counts[account] = left > 0 ? left : nil
        }
    }
}

/// One answer of ``AnswerFiles``: written once, then sent.
public final class AnswerFile: Sendable {
    private let descriptor: Int32
    private let size = Atomic<Int>(0)
    private let onEnd: @Sendable () -> Void

    private static let chunkBytes = 256 * 1_024

    fileprivate init(folder: String, onEnd: @escaping @Sendable () -> Void) throws {
        var path = Array("\(folder)/answer-XXXXXX".utf8CString)
        descriptor = mkstemp(&path)
        self.onEnd = onEnd
        guard descriptor >= 0 else { throw Self.failure(errno) }
        unlink(path)
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        onEnd()
    }

    /// Blocks while it writes.
    public func append(_ bytes: [UInt8]) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(errno) }
            written += count
        }
        size.wrappingAdd(bytes.count, ordering: .relaxed)
    }

    /// What has been written, read only as fast as it is taken.
    public var body: OperationResponse.Body {
        let size = size.load(ordering: .relaxed)
        return .stream(length: size) { [self] in
            let position = Position()
            return AsyncThrowingStream(unfolding: {
                let start = position.bytes.load(ordering: .relaxed)
                guard start < size else { return nil }
                let chunk = try await NIOThreadPool.singleton.runIfActive { try self.chunk(at: start) }
                position.bytes.wrappingAdd(chunk.readableBytes, ordering: .relaxed)
                return chunk
            })
        }
    }

    /// How far one reader has come.
    private final class Position: Sendable {
        let bytes = Atomic<Int>(0)
    }

    private func chunk(at offset: Int) throws -> ByteBuffer {
        var buffer = ByteBuffer()
        var code: Int32 = 0
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.chunkBytes) { target in
            let count = pread(descriptor, target.baseAddress, Self.chunkBytes, off_t(offset))
            if count <= 0 { code = count < 0 ? errno : EIO }
            return max(count, 0)
        }
        guard code == 0 else { throw Self.failure(code) }
        return buffer
    }

    private static func failure(_ code: Int32) -> CocoaError {
        CocoaError([ENOSPC, EDQUOT].contains(code) ? .fileWriteOutOfSpace : .fileWriteUnknown)
    }
}
