/// The kinds of pictures that are kept.
public enum ImageFormat: String, Sendable, CaseIterable {
    case png
    case jpeg
    case gif
    case webp
    case svg

    /// The media type that browsers know it by.
    public var contentType: String {
        self == .svg ? "image/svg+xml" : "image/\(rawValue)"
    }

    /// Endings of file names that say so; the first is put on names without any.
    var extensions: [String] {
        self == .jpeg ? ["jpg", "jpeg"] : [rawValue]
    }

    /// What the content itself says, whatever it is called; nil for anything else. What may be SVG is not read as such.
    static func raster(_ bytes: some Collection<UInt8>) -> ImageFormat? {
        func begins(with signature: [UInt8], at offset: Int = 0) -> Bool {
            bytes.dropFirst(offset).starts(with: signature)
        }
        // PNG: signature, then the length and name of the first chunk; JPEG: start of image and the next marker.
        if begins(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]), begins(with: Array("IHDR".utf8), at: 12) {
            return .png
        }
        if begins(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
        if begins(with: Array("GIF87a".utf8)) || begins(with: Array("GIF89a".utf8)) { return .gif }
        if begins(with: Array("RIFF".utf8)), begins(with: Array("WEBP".utf8), at: 8) { return .webp }
        return nil
    }
}
