import Foundation
import Metrics
import NIOCore
import NIOPosix
import Synchronization

/// Large answers that are put together on disk before they are sent, so that neither memory nor a store is held for as
/// long as their receivers take.
public final class AnswerFiles: Sendable {
    private struct Held {
        var count = 0
        var bytes = 0
    }

    private let folder: String
    private let mostBytes: Int
    private let held = Mutex<[Int64: Held]>([:])

    private static let refused = Counter(label: "sextant_large_answers_refused_total")
    private static let bytesOnDisk = Gauge(label: "sextant_large_answers_bytes")

    /// Answers of one account at a time.
    public static let mostOfOne = 4

    /// - Parameters:
    ///   - folder: what is in it may go when the server stops.
    ///   - mostBytes: what all of them may take of the disk, however slowly they are read; one account may have half of it.
    public init(folder: String, mostBytes: Int = 4 << 30) {
        self.folder = folder
        self.mostBytes = mostBytes
        Self.bytesOnDisk.record(0)
    }

    /// A file without a name, which is gone when nobody needs it any more, or with the process.
    /// - Parameter account: whose answer it is.
    /// - Throws: `APIError` 429 when the account has too many; `CocoaError` when there is no room.
    public func make(account: Int64) throws -> AnswerFile {
        let isFree = held.withLock { held in
            guard held[account, default: Held()].count < Self.mostOfOne else { return false }
            held[account, default: Held()].count += 1
            return true
        }
        guard isFree else {
            Self.refused.increment()
            throw APIError.tooManyRequests(
                "\(Self.mostOfOne) large answers of the account are being sent; wait until one has arrived.",
                retryAfterSeconds: 10)
        }
        do {
            return try AnswerFile(folder: folder) { [self] bytes in
                try take(bytes, for: account)
            } onEnd: { [self] bytes in
                release(account, bytes)
            }
        } catch {
            release(account, 0)
            throw error
        }
    }

    /// Makes room for more of an answer.
    /// - Throws: `APIError` 429 when there is none.
    private func take(_ bytes: Int, for account: Int64) throws {
        let isRoom = held.withLock { held in
            let total = held.values.reduce(bytes) { $0 + $1.bytes }
            let own = held[account, default: Held()].bytes + bytes
            guard total <= mostBytes, own <= mostBytes / 2 else { return false }
            held[account, default: Held()].bytes += bytes
            Self.bytesOnDisk.record(total)
            return true
        }
        guard isRoom else {
            Self.refused.increment()
            throw APIError.tooManyRequests(
                """
                Large answers that are being sent take all the room that they may have, \(mostBytes >> 20) MB, of which one \
                account may take half. Wait until some have arrived, or ask for less at a time.
                """, retryAfterSeconds: 60)
        }
    }

    private func release(_ account: Int64, _ bytes: Int) {
        held.withLock { held in
            let (count, left) = (held[account, default: Held()].count - 1, held[account, default: Held()].bytes - bytes)
            held[account] = count > 0 ? Held(count: count, bytes: left) : nil
            Self.bytesOnDisk.record(held.values.reduce(0) { $0 + $1.bytes })
        }
    }
}

/// One answer of ``AnswerFiles``: written once, then sent.
public final class AnswerFile: Sendable {
    private let descriptor: Int32
    private let size = Atomic<Int>(0)
    /// Bytes that room was made for.
    private let room = Atomic<Int>(0)
    private let makeRoom: @Sendable (Int) throws -> Void
    private let onEnd: @Sendable (Int) -> Void

    private static let chunkBytes = 256 * 1_024

    /// - Parameters:
    ///   - makeRoom: told how many bytes are about to be added.
    ///   - onEnd: told how many bytes room was made for.
    fileprivate init(
        folder: String, makeRoom: @escaping @Sendable (Int) throws -> Void, onEnd: @escaping @Sendable (Int) -> Void
    ) throws {
        var path = Array("\(folder)/answer-XXXXXX".utf8CString)
        descriptor = mkstemp(&path)
        self.makeRoom = makeRoom
        self.onEnd = onEnd
        guard descriptor >= 0 else { throw Self.failure(errno) }
        unlink(path)
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        onEnd(room.load(ordering: .relaxed))
    }

    /// Blocks while it writes.
    /// - Throws: `APIError` 429 when such answers take too much of the disk together; `CocoaError` when it is full.
    public func append(_ bytes: [UInt8]) throws {
        try makeRoom(bytes.count)
        room.wrappingAdd(bytes.count, ordering: .relaxed)
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
