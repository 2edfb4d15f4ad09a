import Foundation

/// Where the bytes of an upload are read from, as often as need be.
enum UploadSource: Sendable {
    case bytes([UInt8])
    /// A file's path.
    case file(String)

    /// The bytes from their beginning, unpacked where they are packed with gzip.
    func pieces() -> UploadPieces { UploadPieces(self) }
}

/// The bytes of an upload, piece by piece: neither a large file nor what a small one unpacks to lies in memory as a whole.
///
/// A byte order mark at the beginning of UTF-8 is left out.
final class UploadPieces {
    /// Why there is nothing more although the file is not at its end.
    private(set) var damage: EventRejection?

    private let reader: PieceReader
    private var unpacker: GzipPieces?
    private var isFirst = true
    private var byteCount = 0

    static let pieceBytes = 256 * 1_024
    /// A file may unpack to so many bytes. Reading them takes time, not memory.
    static let maximumBytes = 1_024 * 1_024 * 1_024

    fileprivate init(_ source: UploadSource) {
        reader = PieceReader(source)
    }

    /// The next bytes, never none; nil at the end, and where the file is damaged.
    func next() -> [UInt8]? {
        guard damage == nil else { return nil }
        do throws(EventRejection) {
            // However long a row is, whoever reads it hears that it is not wanted any more: see ``UploadThreads``.
            if Task.isCancelled { throw Self.cancelled }
            guard var piece = try nextPiece() else { return nil }
            if isFirst {
                isFirst = false
                if piece.starts(with: [0xEF, 0xBB, 0xBF]) { piece.removeFirst(3) }
                if piece.isEmpty { return next() }
            }
            byteCount += piece.count
            guard byteCount <= Self.maximumBytes else {
                throw EventRejection(
                    .malformed, field: "file",
                    "The file is larger than \(Self.maximumBytes) bytes when it is unpacked. Split it.")
            }
            return piece
        } catch {
            damage = error
            return nil
        }
    }

    private static let cancelled = EventRejection(.malformed, field: "file", "The upload was given up.")

    private func nextPiece() throws(EventRejection) -> [UInt8]? {
        if isFirst, unpacker == nil {
            guard let first = try reader.next() else { return nil }
            guard first.starts(with: GzipPieces.magic) else { return first }
            unpacker = GzipPieces(first: first) { [reader] () throws(EventRejection) in try reader.next() }
        }
        if let unpacker { return try unpacker.next() }
        return try reader.next()
    }
}

/// The bytes of a source as they lie there.
private final class PieceReader {
    private let bytes: [UInt8]
    private var position = 0
    private var file: FileHandle?
    private var failure: EventRejection?

    init(_ source: UploadSource) {
        switch source {
        case .bytes(let bytes): self.bytes = bytes
        case .file(let path):
            bytes = []
            file = FileHandle(forReadingAtPath: path)
            if file == nil { failure = Self.unreadable }
        }
    }

    deinit { try? file?.close() }

    func next() throws(EventRejection) -> [UInt8]? {
        if let failure { throw failure }
        if let file {
            do {
                let data = try file.read(upToCount: UploadPieces.pieceBytes) ?? Data()
                return data.isEmpty ? nil : [UInt8](data)
            } catch {
                throw Self.unreadable
            }
        }
        guard position < bytes.count else { return nil }
        let end = min(position + UploadPieces.pieceBytes, bytes.count)
        defer { position = end }
        return Array(bytes[position..<end])
    }

    private static let unreadable = EventRejection(
        .malformed, field: "file", "The uploaded file cannot be read any more; send it again.")
}
