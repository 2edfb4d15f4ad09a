/// How large a picture says it is, read from its first bytes: before anything makes room for all of its pixels.
struct ImageSize: Equatable {
    let width: Int
    let height: Int

    /// As many as can be counted, when it says that there are more.
    var pixels: Int {
        let (product, isTooLarge) = width.multipliedReportingOverflow(by: height)
        return isTooLarge ? .max : product
    }

    /// Nil when the content does not say, or is cut short.
    init?(_ bytes: [UInt8], _ format: ImageFormat) {
        let size: ImageSize? =
            switch format {
            case .png: Self.png(bytes)
            case .jpeg: Self.jpeg(bytes)
            case .gif: Self.gif(bytes)
            case .webp: Self.webP(bytes)
            case .svg: nil
            }
        guard let size, size.width > 0, size.height > 0 else { return nil }
        self = size
    }

    private init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// The first chunk (PNG specification, 11.2.2).
    private static func png(_ bytes: [UInt8]) -> ImageSize? {
        guard let width = bytes.bigEndian(at: 16, count: 4), let height = bytes.bigEndian(at: 20, count: 4) else {
            return nil
        }
        return ImageSize(width: width, height: height)
    }

    /// The first frame header, behind segments that each give their length (ITU-T T.81, B.2.2).
    private static func jpeg(_ bytes: [UInt8]) -> ImageSize? {
        var position = 2
        while position + 4 <= bytes.count {
            guard bytes[position] == 0xFF else { return nil }
            let marker = bytes[position + 1]
            // Fill bytes, and markers without a segment.
            if marker == 0xFF {
                position += 1
                continue
            }
            if marker == 0x01 || (0xD0...0xD8).contains(marker) {
                position += 2
                continue
            }
            let isFrame = (0xC0...0xCF).contains(marker) && ![0xC4, 0xC8, 0xCC].contains(marker)
            if isFrame {
                guard let height = bytes.bigEndian(at: position + 5, count: 2),
                    let width = bytes.bigEndian(at: position + 7, count: 2)
                else { return nil }
                return ImageSize(width: width, height: height)
            }
            guard let length = bytes.bigEndian(at: position + 2, count: 2), length >= 2 else { return nil }
            position += 2 + length
        }
        return nil
    }

    /// The larger of the screen and the first image on it (GIF89a, 18 and 20): readers make room for either.
    private static func gif(_ bytes: [UInt8]) -> ImageSize? {
        guard let screenWidth = bytes.littleEndian(at: 6, count: 2),
            let screenHeight = bytes.littleEndian(at: 8, count: 2), bytes.count > 13
        else { return nil }
        func colorTable(_ flags: UInt8) -> Int { flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1) }
        var position = 13 + colorTable(bytes[10])
        while position < bytes.count {
            switch bytes[position] {
            case 0x2C:
                guard let width = bytes.littleEndian(at: position + 5, count: 2),
                    let height = bytes.littleEndian(at: position + 7, count: 2)
                else { return nil }
                return ImageSize(width: max(screenWidth, width), height: max(screenHeight, height))
            case 0x21:
                // An extension: blocks that each give their length, and an empty one.
                position += 2
                while position < bytes.count, bytes[position] != 0 { position += 1 + Int(bytes[position]) }
                position += 1
            default: return nil
            }
        }
        return nil
    }

    /// The first chunk of each of its three kinds (RFC 9649, 2.5 to 2.7).
    private static func webP(_ bytes: [UInt8]) -> ImageSize? {
        guard bytes.count >= 30 else { return nil }
        switch String(decoding: bytes[12..<16], as: UTF8.self) {
        case "VP8 ":
            guard let width = bytes.littleEndian(at: 26, count: 2), let height = bytes.littleEndian(at: 28, count: 2)
            else { return nil }
            return ImageSize(width: width & 0x3FFF, height: height & 0x3FFF)
        case "VP8L":
            guard let bits = bytes.littleEndian(at: 21, count: 4) else { return nil }
            return ImageSize(width: (bits & 0x3FFF) + 1, height: ((bits >> 14) & 0x3FFF) + 1)
        case "VP8X":
            guard let width = bytes.littleEndian(at: 24, count: 3), let height = bytes.littleEndian(at: 27, count: 3)
            else { return nil }
            return ImageSize(width: width + 1, height: height + 1)
        default: return nil
        }
    }
}

extension [UInt8] {
    fileprivate func bigEndian(at offset: Int, count: Int) -> Int? {
        guard offset + count <= self.count else { return nil }
        return self[offset..<(offset + count)].reduce(0) { $0 << 8 | Int($1) }
    }

    fileprivate func littleEndian(at offset: Int, count: Int) -> Int? {
        guard offset + count <= self.count else { return nil }
        return self[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
