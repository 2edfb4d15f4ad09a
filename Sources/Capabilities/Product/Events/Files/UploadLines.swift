import Foundation

/// The lines of an upload (LF or CRLF), without their endings. Blank ones are skipped and counted.
struct UploadLines {
    /// One line.
    struct Line {
        /// From 1.
        let number: Int
        /// Nil when it is longer than ``UploadLines/maximumBytes``.
        let bytes: [UInt8]?
    }

    /// As much as a whole upload may have that is not packed.
    static let maximumBytes = UploadService.maximumBytes

    private let pieces: UploadPieces
    private var piece: [UInt8] = []
    private var position = 0
    private var number = 0

    /// Why there are no more lines although the file is not at its end.
    var damage: EventRejection? { pieces.damage }

    init(_ pieces: UploadPieces) {
        self.pieces = pieces
    }

    /// The next line that is not blank, or nil after the last.
    mutating func next() -> Line? {
        while let line = nextLine() {
            let isBlank = line.bytes?.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") } ?? false
            if !isBlank { return line }
        }
        return nil
    }

    private mutating func nextLine() -> Line? {
        guard fill() else { return nil }
        number += 1
        var bytes: [UInt8] = []
        var isTooLong = false
        repeat {
            let end = Self.lineEnd(in: piece, from: position)
            let part = piece[position..<(end ?? piece.count)]
            isTooLong = isTooLong || bytes.count + part.count > Self.maximumBytes
            if isTooLong { bytes = [] } else { bytes += part }
            position = (end ?? piece.count) + 1
            if end != nil { break }
        } while fill()
        if isTooLong { return Line(number: number, bytes: nil) }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return Line(number: number, bytes: bytes)
    }

    /// Whether there are bytes at the position.
    private mutating func fill() -> Bool {
        if position < piece.count { return true }
        guard let next = pieces.next() else { return false }
        piece = next
        position = 0
        return true
    }

    private static func lineEnd(in piece: [UInt8], from position: Int) -> Int? {
        piece.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress,
                let found = memchr(base + position, Int32(UInt8(ascii: "\n")), bytes.count - position)
            else { return nil }
            return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
        }
    }
}
