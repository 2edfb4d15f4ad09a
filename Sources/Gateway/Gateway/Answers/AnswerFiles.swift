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
            return try AnswerFile(folder: folder, room: Room(files: self, account: account))
        } catch {
            end(account, 0)
            throw error
        }
    }

    /// The room that one answer takes.
    fileprivate struct Room: Sendable {
        let files: AnswerFiles
        let account: Int64

        /// Whether there is room for so much more of it.
        func take(_ bytes: Int) -> Bool { files.take(bytes, for: account) }

        /// Makes an error of there being none.
        func refusal() -> APIError {
            AnswerFiles.refused.increment()
            return APIError.tooManyRequests(
                """
                Large answers that are being sent take all the room that they may have, \(files.mostBytes >> 20) MB, of which \
                one account may take half. Wait until some have arrived, or ask for less at a time.
                """, retryAfterSeconds: 60)
        }

        /// So much of it is not needed any more.
        func giveBack(_ bytes: Int) { files.giveBack(bytes, of: account) }

        /// Nothing of it is; so much was left.
        func end(_ bytes: Int) { files.end(account, bytes) }
    }

    private func take(_ bytes: Int, for account: Int64) -> Bool {
        held.withLock { held in
            let total = held.values.reduce(bytes) { $0 + $1.bytes }
            let own = held[account, default: Held()].bytes + bytes
            guard total <= mostBytes, own <= mostBytes / 2 else { return false }
            held[account, default: Held()].bytes += bytes
            Self.bytesOnDisk.record(total)
            return true
        }
    }

    private func giveBack(_ bytes: Int, of account: Int64) {
        held.withLock { held in
            held[account, default: Held()].bytes -= bytes
            Self.bytesOnDisk.record(held.values.reduce(0) { $0 + $1.bytes })
        }
    }

    private func end(_ account: Int64, _ bytes: Int) {
        held.withLock { held in
            let (count, left) = (held[account, default: Held()].count - 1, held[account, default: Held()].bytes - bytes)
            held[account] = count > 0 ? Held(count: count, bytes: left) : nil
            Self.bytesOnDisk.record(held.values.reduce(0) { $0 + $1.bytes })
        }
    }
}

/// One answer of ``AnswerFiles``: written once, then sent, or sent while it is written (``GrowingAnswer``). It is in parts, so
/// that what has been read can leave the disk before the rest.
public final class AnswerFile: Sendable {
    /// Descriptors in the order of the parts; nil for those that are gone.
    private let parts: Mutex<[Int32?]>
    private let size = Atomic<Int>(0)
    /// Bytes that room was made for, without those that were given back.
    private let taken = Atomic<Int>(0)
    private let folder: String
    private let room: AnswerFiles.Room

    private static let chunkBytes = 256 * 1_024
    private static let partBytes = 32 * 1_024 * 1_024

    fileprivate init(folder: String, room: AnswerFiles.Room) throws {
        self.folder = folder
        self.room = room
        parts = Mutex([try Self.makePart(in: folder)])
    }

    deinit {
        for descriptor in parts.withLock({ $0.compactMap { $0 } }) { close(descriptor) }
        room.end(taken.load(ordering: .relaxed))
    }

    private static func makePart(in folder: String) throws -> Int32 {
        var path = Array("\(folder)/answer-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw failure(errno) }
        unlink(path)
        return descriptor
    }

    /// Blocks while it writes.
    /// - Throws: `APIError` 429 when such answers take too much of the disk together; `CocoaError` when it is full.
    public func append(_ bytes: [UInt8]) throws {
        guard try appendIfRoom(bytes) else { throw room.refusal() }
    }

    /// The same, where there is room.
    /// - Returns: false when there is none at present.
    func appendIfRoom(_ bytes: [UInt8]) throws -> Bool {
        guard room.take(bytes.count) else { return false }
        taken.wrappingAdd(bytes.count, ordering: .relaxed)
        var rest = bytes[...]
        while !rest.isEmpty {
            let offset = byteCount
            let piece = rest.prefix(Self.partBytes - offset % Self.partBytes)
            let descriptor = try part(at: offset)
            let count = piece.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset % Self.partBytes))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(errno) }
            rest = rest.dropFirst(count)
            size.wrappingAdd(count, ordering: .releasing)
        }
        return true
    }

    /// The part that a byte is in, made when it is the next.
    private func part(at offset: Int) throws -> Int32 {
        let index = offset / Self.partBytes
        return try parts.withLock { parts in
            if index == parts.count { parts.append(try Self.makePart(in: folder)) }
            guard parts.indices.contains(index), let descriptor = parts[index] else { throw Self.failure(EBADF) }
            return descriptor
        }
    }

    /// How much has been written.
    var byteCount: Int { size.load(ordering: .acquiring) }

    /// What has been written, read only as fast as it is taken.
    public var body: OperationResponse.Body {
        let size = byteCount
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

    /// The next bytes, of which there must be some. Blocks while it reads.
    func chunk(at offset: Int) throws -> ByteBuffer {
        let descriptor = try part(at: offset)
        let place = offset % Self.partBytes
        let most = min(Self.chunkBytes, Self.partBytes - place)
        var buffer = ByteBuffer()
        var code: Int32 = 0
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: most) { target in
            let count = pread(descriptor, target.baseAddress, most, off_t(place))
            if count <= 0 { code = count < 0 ? errno : EIO }
            return max(count, 0)
        }
        guard code == 0 else { throw Self.failure(code) }
        return buffer
    }

    /// Gives the disk back what comes before a byte, part by part; it cannot be read again.
    func forget(before offset: Int) {
        let gone = parts.withLock { parts in
            let count = min(offset / Self.partBytes, parts.count)
            let gone = parts[..<count].compactMap { $0 }
            for index in 0..<count { parts[index] = nil }
            return gone
        }
        for descriptor in gone { close(descriptor) }
        taken.wrappingSubtract(gone.count * Self.partBytes, ordering: .relaxed)
        room.giveBack(gone.count * Self.partBytes)
    }

    private static func failure(_ code: Int32) -> CocoaError {
        CocoaError([ENOSPC, EDQUOT].contains(code) ? .fileWriteOutOfSpace : .fileWriteUnknown)
    }
}
