import CGD
import NIOPosix

/// A picture as it may be kept: known by its content, whatever it is called, and harmless.
public struct Picture: Sendable {
    /// Bytes of one picture that somebody sends.
    public static let maximumBytes = 5 * 1_024 * 1_024

    public let bytes: [UInt8]
    public let format: ImageFormat

    /// An SVG loses what could run or call out.
    /// - Throws: ``ImageError/tooLarge(maximumBytes:)``, and what an unreadable picture throws.
    public init(_ bytes: [UInt8]) throws(ImageError) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLarge(maximumBytes: Self.maximumBytes) }
        if let raster = ImageFormat.raster(bytes) {
            (format, self.bytes) = (raster, bytes)
        } else {
            (format, self.bytes) = (.svg, try SafeSVG.make(bytes))
        }
    }

    /// The same, off the threads that answer: an SVG of some megabytes takes a while, and others wait their turn.
    /// - Throws: what ``init(_:)`` throws.
    public static func reading(_ bytes: [UInt8]) async throws -> Picture {
        try await thread.runIfActive { try Picture(bytes) }
    }

    /// Pixels of a thumbnail: what is below its height is left out.
    public static let (thumbnailWidth, thumbnailHeight) = (320, 400)
    /// Pixels of a picture that a thumbnail is made of; each takes four bytes of memory while it is made.
    public static let maximumPixels = 25_000_000

    /// One picture at a time: all its pixels are in memory, or all its text.
    private static let thread: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        return pool
    }()

    /// A small picture of the same, PNG. An SVG is as large as it is shown: it stays what it is.
    /// - Throws: ``ImageError/unreadable``, ``ImageError/tooManyPixels(maximum:)``, ``ImageError/tooManyScans(maximum:)``.
    public func thumbnail() async throws -> Picture {
        guard format != .svg else { return self }
        guard let size = ImageSize(bytes, format) else { throw ImageError.unreadable }
        guard size.pixels <= Self.maximumPixels else { throw ImageError.tooManyPixels(maximum: Self.maximumPixels) }
        guard format != .jpeg || JPEGScans.isWithinMaximum(bytes) else {
            throw ImageError.tooManyScans(maximum: JPEGScans.maximum)
        }
        let (bytes, format) = (bytes, format)
        let small = try await Self.thread.runIfActive { Self.thumbnail(bytes, format) }
        guard let small else { throw ImageError.unreadable }
        return Picture(small, .png)
    }

    private init(_ bytes: [UInt8], _ format: ImageFormat) {
        self.bytes = bytes
        self.format = format
    }

    private static func thumbnail(_ bytes: [UInt8], _ format: ImageFormat) -> [UInt8]? {
        let kind: cgd_format
        switch format {
        case .png: kind = cgd_png
        case .jpeg: kind = cgd_jpeg
        case .gif: kind = cgd_gif
        case .webp: kind = cgd_webp
        case .svg: return nil
        }
        var length = 0
        let made = bytes.withUnsafeBytes {
            cgd_thumbnail(
                $0.baseAddress, $0.count, kind, Int32(thumbnailWidth), Int32(thumbnailHeight), &length)
        }
        guard let made else { return nil }
        defer { cgd_free(made) }
        return Array(UnsafeRawBufferPointer(start: made, count: length))
    }
}
