/// Goes through the bytes of an upload one by one.
struct ByteCursor {
    private let pieces: UploadPieces
    private var piece: [UInt8] = []
    private var position = 0
    private var hasEnded = false

    /// Why there are no more bytes although the file is not at its end.
    var damage: EventRejection? { pieces.damage }

    init(_ pieces: UploadPieces) {
        self.pieces = pieces
    }

    /// The byte at the position; nil at the end.
    mutating func peek() -> UInt8? {
        if position < piece.count { return piece[position] }
        guard !hasEnded, let next = pieces.next() else {
            hasEnded = true
            return nil
        }
        piece = next
        position = 0
        return piece[0]
    }

    /// Passes over the byte that ``peek()`` gave.
    mutating func advance() {
        position += 1
    }

    /// Passes over all that is left.
    mutating func end() {
        hasEnded = true
        piece = []
        position = 0
    }

    /// The byte at the position, which is passed over.
    mutating func next() -> UInt8? {
        guard let byte = peek() else { return nil }
        advance()
        return byte
    }

    /// So many bytes, which are passed over; nil when there are fewer.
    mutating func take(_ count: Int) -> [UInt8]? {
        var taken: [UInt8] = []
        while taken.count < count {
            guard peek() != nil else { return nil }
            let part = piece[position..<min(position + count - taken.count, piece.count)]
            taken += part
            position += part.count
        }
        return taken
    }
}
