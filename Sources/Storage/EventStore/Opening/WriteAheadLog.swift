import Foundation

/// The engine's write-ahead log, as bytes of a file: which commits in it are whole, and where it is damaged.
///
/// The format is that of DuckDB 1.5 (`src/storage/write_ahead_log.cpp`), unencrypted: a header of a few bytes, then
/// entries of size, checksum and payload; an entry of one fixed payload ends each commit. The engine itself cuts off an
/// entry that is too short for its size, along with every commit after it, and refuses to open a log whose checksums
/// are wrong: neither is what an operator wants to find out by chance.
struct WriteAheadLog: Equatable {
    /// What a log ends with.
    enum End: Equatable {
        /// The last commit.
        case whole
        /// The beginning of a commit that was never finished, as a crash or a power failure leaves it: nobody was told
        /// that it is stored.
        case torn
        /// Bytes that were whole once: commits that were answered for have been lost.
        case damaged
    }

    /// Bytes up to the end of the last commit that can be read, the whole log if ``end`` is ``End/whole``.
    let wholeBytes: Int
    /// Bytes of the file.
    let totalBytes: Int
    /// Commits that can be read.
    let commits: Int
    let end: End

    /// Reads a file.
    /// - Returns: nil for a file that is absent or empty, or in a format that only the engine knows.
    init?(path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        guard let log = data.withUnsafeBytes({ WriteAheadLog($0) }) else { return nil }
        self = log
    }

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return nil }
        totalBytes = bytes.count
        switch Self.header(bytes) {
        case .unknown: return nil
        case .cutShort:
            wholeBytes = 0
            commits = 0
            end = .torn
        case .ends(let start):
            var reader = EntryReader(bytes: bytes, position: start)
            var commits = 0
            var wholeBytes = start
            while let entry = reader.next(), entry.isWhole {
                guard entry.isCommit else { continue }
                commits += 1
                wholeBytes = reader.position
            }
            self.commits = commits
            self.wholeBytes = wholeBytes
            end = wholeBytes == bytes.count ? .whole : Self.judge(bytes, after: wholeBytes)
        }
    }

    var summary: WriteAheadLogSummary {
        WriteAheadLogSummary(wholeBytes: wholeBytes, totalBytes: totalBytes, commits: commits)
    }

    private enum Header {
        case unknown
        case cutShort
        case ends(Int)
    }

    /// `field 100, type 98, field 101, version 2, end`; anything else is of another version or encrypted.
    private static let headerBytes: [UInt8] = [100, 0, 98, 101, 0, 2, 0xFF, 0xFF]

    private static func header(_ bytes: UnsafeRawBufferPointer) -> Header {
        if bytes.starts(with: headerBytes) { return .ends(headerBytes.count) }
        // A file system may have given the file its length and not its bytes.
        let known = bytes.prefix(headerBytes.count)
        if headerBytes.starts(with: known) || bytes.allSatisfy({ $0 == 0 }) { return .cutShort }
        return .unknown
    }

    /// Tells a commit that was never finished from one that was and has been damaged since.
    ///
    /// The bytes of an unfinished commit reach the disk in any order, with zeros where they did not: its own end may be
    /// there and its beginning not. A second end, or a damage without a gap of zeros, is something else.
    private static func judge(_ bytes: UnsafeRawBufferPointer, after start: Int) -> End {
        let ends = EntryReader.commitEnds(in: bytes, from: start, atMost: 2)
        if hasGap(bytes, from: start) { return ends.isEmpty || ends == [bytes.count] ? .torn : .damaged }
        return ends.isEmpty && !EntryReader.hasSizes(bytes, from: start) ? .torn : .damaged
    }

    /// The smallest unit that disks write.
    private static let sectorBytes = 512

    /// Whether a whole sector from `start` on holds zeros only, or the last byte is none, which ends no commit.
    private static func hasGap(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Bool {
        if bytes.last == 0 { return true }
        var sector = (start + sectorBytes - 1) / sectorBytes * sectorBytes
        while sector + sectorBytes <= bytes.count {
            if bytes[sector..<sector + sectorBytes].allSatisfy({ $0 == 0 }) { return true }
            sector += sectorBytes
        }
        return false
    }
}

/// Walks over the entries of a log.
private struct EntryReader {
    struct Entry {
        /// Whether all of it is there and its checksum is right.
        let isWhole: Bool
        /// Whether it ends a commit.
        let isCommit: Bool
    }

    let bytes: UnsafeRawBufferPointer
    /// Where the next entry begins.
    var position: Int

    private static let frameBytes = 16
    /// `field 100, type 100, end`.
    private static let commitPayload: [UInt8] = [100, 0, 100, 0xFF, 0xFF]

    /// The next entry; nil at the end of the log.
    mutating func next() -> Entry? {
        guard position < bytes.count else { return nil }
        let start = position + Self.frameBytes
        guard start <= bytes.count else { return Entry(isWhole: false, isCommit: false) }
        let size = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
        let checksum = bytes.loadUnaligned(fromByteOffset: position + 8, as: UInt64.self)
        guard size > 0, size <= UInt64(bytes.count - start) else { return Entry(isWhole: false, isCommit: false) }
        let payload = UnsafeRawBufferPointer(rebasing: bytes[start..<start + Int(size)])
        guard Self.checksum(payload) == checksum else { return Entry(isWhole: false, isCommit: false) }
        position = start + payload.count
        return Entry(isWhole: true, isCommit: payload.elementsEqual(Self.commitPayload))
    }

    /// Whether the sizes from a place on lead to the end of a commit at the end of the log, whatever the entries hold.
    static func hasSizes(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Bool {
        var position = start
        var size: UInt64 = 0
        while position + frameBytes < bytes.count {
            size = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            position += frameBytes
            guard size > 0, size <= UInt64(bytes.count - position) else { return false }
            position += Int(size)
        }
        return position == bytes.count && size == UInt64(commitPayload.count)
    }

    /// Where commits end from a place on, wherever entries begin there.
    static func commitEnds(in bytes: UnsafeRawBufferPointer, from start: Int, atMost limit: Int) -> [Int] {
        var pattern = withUnsafeBytes(of: UInt64(commitPayload.count).littleEndian) { Array($0) }
        let sum = commitPayload.withUnsafeBytes { checksum($0) }
        pattern += withUnsafeBytes(of: sum.littleEndian) { Array($0) } + commitPayload
        var ends: [Int] = []
        guard let base = bytes.baseAddress else { return [] }
        var rest = Data(
            bytesNoCopy: UnsafeMutableRawPointer(mutating: base), count: bytes.count, deallocator: .none)[start...]
        while ends.count < limit, let found = rest.range(of: Data(pattern)) {
            ends.append(found.upperBound)
            rest = rest[found.upperBound...]
        }
        return ends
    }

    /// The engine's checksum (`src/common/checksum.cpp`): words are multiplied and combined, what is left is hashed.
    static func checksum(_ payload: UnsafeRawBufferPointer) -> UInt64 {
        var result: UInt64 = 5_381
        let words = payload.count / 8
        for index in 0..<words {
            result ^= payload.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self) &* 0xBF58_476D_1CE4_E5B9
        }
        let rest = payload[(words * 8)...]
        if !rest.isEmpty { result ^= remainder(rest) }
        return result
    }

    /// MurmurHash64A of fewer than eight bytes, as the engine seeds it.
    private static func remainder(_ bytes: Slice<UnsafeRawBufferPointer>) -> UInt64 {
        let multiplier: UInt64 = 0xC6A4_A793_5BD1_E995
        var hash = 0xE17A_1465 ^ (UInt64(bytes.count) &* multiplier)
        var word: UInt64 = 0
        for (index, byte) in bytes.enumerated() { word |= UInt64(byte) << UInt64(index * 8) }
        hash ^= word
        hash = hash &* multiplier
        hash ^= hash >> 47
        hash = hash &* multiplier
        return hash ^ hash >> 47
    }
}
