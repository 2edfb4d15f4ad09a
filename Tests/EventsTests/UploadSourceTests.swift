import CZlib
import Foundation
import TestSupport
import Testing

@testable import Events

@Suite struct UploadSourceTests {
    /// A member of gzip.
    static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        deflateInit2_(
            &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        defer { deflateEnd(&stream) }
        var bytes = bytes
        return bytes.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            return [UInt8](unsafeUninitializedCapacity: input.count + 1_024) { buffer, count in
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(buffer.count)
                deflate(&stream, Z_FINISH)
                count = buffer.count - Int(stream.avail_out)
            }
        }
    }

    private func all(_ source: UploadSource) -> (bytes: [UInt8], damage: EventRejection?) {
        let pieces = source.pieces()
        var bytes: [UInt8] = []
        while let piece = pieces.next() {
            #expect(!piece.isEmpty)
            bytes += piece
        }
        return (bytes, pieces.damage)
    }

    /// Sizes around those of pieces, packed well and badly.
    private static let contents: [[UInt8]] = [0, 1, 262_143, 262_144, 262_145, 3_000_000].flatMap { count in
        [Array(repeating: 0x61, count: count), (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }]
    }

    @Test(arguments: contents.indices)
    func allBytesComeInOrder(_ index: Int) throws {
        let content = Self.contents[index]
        let folder = try TemporaryFolder()
        try Data(content).write(to: URL(filePath: folder.file("upload")))
        let packed = Self.gzip(content)
        for source in [UploadSource.bytes(content), .file(folder.file("upload")), .bytes(packed)] {
            let (bytes, damage) = all(source)
            #expect(bytes == content)
            #expect(damage == nil)
        }
        let (twice, damage) = all(.bytes(packed + packed))
        #expect(twice == content + content)
        #expect(damage == nil)
        for cut in [packed.count / 2, packed.count - 1] { #expect(all(.bytes(Array(packed[..<cut]))).damage != nil) }
        #expect(all(.bytes(packed + [0x1F])).damage != nil)
        // As tapes and block devices fill a block up.
        let padding = [UInt8](repeating: 0, count: 300_000)
        for padded in [packed + padding, packed + [0]] {
            let (bytes, damage) = all(.bytes(padded))
            #expect(bytes == content)
            #expect(damage == nil)
        }
        #expect(all(.bytes(packed + padding + [0x61])).damage != nil)
    }

    @Test func aMarkAtTheBeginningIsLeftOut() {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        #expect(all(.bytes(mark + mark + [0x61])).bytes == mark + [0x61])
        #expect(all(.bytes(Self.gzip(mark + [0x61]))).bytes == [0x61])
        #expect(all(.bytes(mark)).bytes.isEmpty)
    }

    @Test func aFileThatIsGoneIsDamage() {
        #expect(all(.file("/nowhere/at/all")).damage != nil)
    }

    @Test func deflateIsUnpackedUpToALimit() {
        // Without the head of ten bytes and the eight at the end.
        let packed = Array(Self.gzip(Array(repeating: 7, count: 1_000_000)).dropFirst(10).dropLast(8))
        #expect(Deflate.unpack(packed, maximumBytes: 1_000_000)?.count == 1_000_000)
        #expect(Deflate.unpack(packed, maximumBytes: 999_999) == nil)
        #expect(Deflate.unpack(Array(packed.dropLast(3)), maximumBytes: 1_000_000) == nil)
        #expect(Deflate.unpack([0xFF, 0xFF], maximumBytes: 10) == nil)
    }

    @Test func linesOfAnyLengthAreCounted() {
        let long = String(repeating: "é", count: 200_000)
        let text = "one\r\n\n  \t\r\n\(long)\nlast"
        for source in [UploadSource.bytes(Array(text.utf8)), .bytes(Self.gzip(Array(text.utf8)))] {
            var lines = UploadLines(source.pieces())
            var found: [(Int, String?)] = []
            while let line = lines.next() {
                found.append((line.number, line.bytes.map { String(decoding: $0, as: UTF8.self) }))
            }
            #expect(found.map(\.0) == [1, 4, 5])
            #expect(found.map(\.1) == ["one", long, "last"])
            #expect(lines.damage == nil)
        }
    }
}
