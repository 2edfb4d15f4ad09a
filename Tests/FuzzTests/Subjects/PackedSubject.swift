import JSON

@testable import Events

/// Bytes as what is packed with gzip and deflate, and as the values of an Avro file that is.
struct PackedSubject: FuzzSubject {
    let samples: [[UInt8]] = [
        // "packed\n" by gzip(1), alone, twice and with a block of zeros, and by raw deflate.
        Self.gzip, Self.gzip + Self.gzip, Self.gzip + [0, 0, 0, 0], Array(Self.gzip.dropFirst(10).dropLast(8)),
        // Rows of a text and a list of nulls.
        [2, 0x61, 0, 2, 0x62, 4, 0], [0, 0x90, 0x4E, 0],
    ]

    private static let gzip: [UInt8] = [
        0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0x2B, 0x48, 0x4C, 0xCE, 0x4E, 0x4D, 0xE1, 2, 0, 0x43, 0xE0, 0x41, 0x2F, 7,
        0, 0, 0,
    ]

    let tokens: [[UInt8]] = [[0x1F, 0x8B, 8], [0, 0, 0], [0x90, 0x4E], [1], [0xFF, 0xFF]]

    /// Deflate makes a thousand bytes of one at best.
    private static let mostUnpacked = 1_100
    private static let maximumBytes = 200_000

    func examine(_ input: [UInt8], _ random: inout FuzzRandom) throws -> String {
        let pieces = UploadSource.bytes(input).pieces()
        var count = 0
        while let piece = pieces.next() {
            try require(!piece.isEmpty && piece.count <= UploadPieces.pieceBytes, "a piece of \(piece.count) bytes")
            count += piece.count
        }
        try require(count <= input.count * Self.mostUnpacked, "\(count) bytes of \(input.count)")
        let deflated = Deflate.unpack(input, maximumBytes: Self.maximumBytes)
        try require(deflated?.count ?? 0 <= Self.maximumBytes, "more than is allowed")
        let rows = try rows(of: input)
        return "\(min(count, 2)) \(pieces.damage == nil) \(deflated == nil) \(rows)"
    }

    /// What becomes of the rows of an Avro file with these values.
    private func rows(of values: [UInt8]) throws -> String {
        let content = values.prefix(60_000)
        let file = Self.file(rows: content.count / 3, of: Self.stored(content))
        var reader = try AvroReader(.bytes(file), maximumBytes: Self.maximumBytes) { $0 == "s" }
        var (good, bad, bytes) = (0, 0, 0)
        while let row = reader.next() {
            switch row {
            case .success(let text):
                good += 1
                bytes += text.count
                try require(Self.isJSON(text), "a row that is no JSON")
            case .failure: bad += 1
            }
        }
        try require(bytes <= Self.maximumBytes, "\(bytes) bytes of rows")
        try require(good + bad <= content.count, "more rows than bytes")
        return "\(min(good, 3)) \(min(bad, 3)) \(reader.damage?.message.count ?? 0)"
    }

    /// By its grammar: U+0000 is refused later.
    private static func isJSON(_ text: [UInt8]) -> Bool {
        do throws(JSONError) {
            _ = try JSONDocument(parsing: text)
        } catch {
            if case .nulCharacter = error { return true }
            return false
        }
        return true
    }

    private static func file(rows count: Int, of block: [UInt8]) -> [UInt8] {
        let schema =
            #"{"type":"record","name":"r","fields":[{"name":"s","type":"string"},"#
            + #"{"name":"n","type":{"type":"array","items":"null"}}]}"#
        let marker = [UInt8](repeating: 7, count: 16)
        let head = Array("Obj".utf8) + [1] + long(2) + text("avro.codec") + text("deflate") + text("avro.schema")
        return head + text(schema) + [0] + marker + long(count) + long(block.count) + block + marker
    }

    /// Deflate's way of leaving bytes as they are (RFC 1951, 3.2.4).
    private static func stored(_ content: ArraySlice<UInt8>) -> [UInt8] {
        let length = UInt16(content.count)
        let lengths = [length, ~length].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        return [1] + lengths + content
    }

    private static func long(_ value: Int) -> [UInt8] {
        var rest = value << 1
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    private static func text(_ text: String) -> [UInt8] { long(text.utf8.count) + Array(text.utf8) }
}
