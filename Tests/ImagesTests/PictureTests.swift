import Foundation
import Testing

@testable import Images

@Suite struct PictureTests {
    private func bigEndian(_ value: Int, count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private func littleEndian(_ value: Int, count: Int) -> [UInt8] { bigEndian(value, count: count).reversed() }

    private func png(_ width: Int, _ height: Int) -> [UInt8] {
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8)
            + bigEndian(width, count: 4) + bigEndian(height, count: 4) + [8, 2, 0, 0, 0]
    }

    @Test func everyFormatSaysHowLargeItIs() {
        #expect(ImageSize(png(70_000, 3), .png).map { [$0.width, $0.height] } == [70_000, 3])
        // An application segment, fill bytes, a restart marker, and the frame.
        let jpeg: [UInt8] =
            [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xFF, 0xD0, 0xFF, 0xC2, 0, 11, 8]
            + bigEndian(300, count: 2) + bigEndian(500, count: 2)
        #expect(ImageSize(jpeg, .jpeg).map { [$0.width, $0.height] } == [500, 300])
        // A colour table of four colours, an extension, and an image that is wider than the screen.
        let gif: [UInt8] =
            Array("GIF89a".utf8) + [10, 0, 20, 0, 0x81, 0, 0] + Array(repeating: 9, count: 12)
            + [0x21, 0xF9, 4, 0x2C, 0x2C, 0, 0, 0] + [0x2C, 0, 0, 0, 0, 0x2C, 1, 5, 0, 0]
        #expect(ImageSize(gif, .gif).map { [$0.width, $0.height] } == [300, 20])
        func webP(_ chunk: String, _ content: [UInt8]) -> [UInt8] {
            Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WEBP\(chunk)".utf8) + [0, 0, 0, 0] + content
                + Array(repeating: 0, count: 12)
        }
        let lossy = webP("VP8 ", [0, 0, 0, 0x9D, 1, 0x2A] + littleEndian(0x4000 | 700, count: 2) + [5, 0])
        #expect(ImageSize(lossy, .webp).map { [$0.width, $0.height] } == [700, 5])
        let lossless = webP("VP8L", [0x2F] + littleEndian(299 | 399 << 14, count: 4))
        #expect(ImageSize(lossless, .webp).map { [$0.width, $0.height] } == [300, 400])
        let extended = webP("VP8X", [0, 0, 0, 0] + littleEndian(99_999, count: 3) + littleEndian(1, count: 3))
        #expect(ImageSize(extended, .webp).map { [$0.width, $0.height] } == [100_000, 2])
    }

    @Test(arguments: ImageFormat.allCases)
    func whatIsCutShortSaysNothing(_ format: ImageFormat) {
        for count in 0..<40 {
            #expect(ImageSize(Array(repeating: 0xFF, count: count), format)?.pixels ?? 1 > 0)
            #expect(ImageSize(Array(repeating: 0, count: count), format) == nil)
        }
        #expect(ImageSize(Array(png(5, 5).prefix(23)), .png) == nil)
        #expect(ImageSize(png(0, 5), .png) == nil)
    }

    @Test func scansWithoutEndAreRefusedBeforeTheyAreRead() async throws {
        // The head of a frame of 16 x 16 pixels, then nothing but starts of scans.
        let frame: [UInt8] = [0xFF, 0xC0, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0]
        let scan: [UInt8] = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0]
        func picture(scans: Int) throws -> Picture {
            try Picture([0xFF, 0xD8] + frame + [[UInt8]](repeating: scan, count: scans).joined() + [0xFF, 0xD9])
        }
        await #expect(throws: ImageError.tooManyScans(maximum: 100)) { try await picture(scans: 101).thumbnail() }
        // What follows is no picture all the same.
        await #expect(throws: ImageError.unreadable) { try await picture(scans: 100).thumbnail() }
    }

    @Test func hugePicturesAreRefusedBeforeTheyAreRead() async throws {
        let picture = try Picture(png(50_000, 50_000))
        await #expect(throws: ImageError.tooManyPixels(maximum: Picture.maximumPixels)) {
            try await picture.thumbnail()
        }
        let damaged = try Picture(png(5, 5))
        await #expect(throws: ImageError.unreadable) { try await damaged.thumbnail() }
    }

    /// A GIF of one colour, which needs no compression worth the name: codes of the colour and a clear code in turn.
    private func gif(width: Int, height: Int) -> [UInt8] {
        var bits: [UInt8] = []
        func add(_ code: Int) { bits += (0..<3).map { UInt8((code >> $0) & 1) } }
        for _ in 0..<(width * height) {
            add(4)
            add(0)
        }
        add(5)
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: bits.count, by: 8) {
            bytes.append(bits[start..<min(start + 8, bits.count)].reversed().reduce(0) { $0 << 1 | $1 })
        }
        let size = littleEndian(width, count: 2) + littleEndian(height, count: 2)
        var blocks: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 255) {
            let block = bytes[start..<min(start + 255, bytes.count)]
            blocks += [UInt8(block.count)] + block
        }
        return Array("GIF89a".utf8) + size + [0x81, 0, 0] + Array(repeating: 200, count: 12) + [0x2C, 0, 0, 0, 0] + size
            + [0, 2] + blocks + [0, 0x3B]
    }

    @Test(arguments: [
        (640, 480, 320, 240), (100, 50, 100, 50), (640, 4, 320, 2), (32, 1_000, 32, 400), (640, 1_000, 320, 400),
    ])
    func thumbnailsFit(_ width: Int, _ height: Int, _ smallWidth: Int, _ smallHeight: Int) async throws {
        let small = try await Picture(gif(width: width, height: height)).thumbnail()
        #expect(small.format == .png)
        #expect(ImageSize(small.bytes, .png).map { [$0.width, $0.height] } == [smallWidth, smallHeight])
    }
}
