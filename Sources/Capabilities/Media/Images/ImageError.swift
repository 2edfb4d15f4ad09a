/// Why a picture was not taken.
public enum ImageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It has more bytes than are kept.
    case tooLarge(maximumBytes: Int)
    /// It is no PNG, JPEG, GIF, WebP or SVG.
    case unknownFormat
    /// An SVG that is damaged, or that cannot be made safe.
    case unusableSVG(String)
    /// What should be a picture of its kind is none.
    case unreadable
    /// It is small as a file and would be huge in memory.
    case tooManyPixels(maximum: Int)
    /// A JPEG that is small as a file and would take long to read.
    case tooManyScans(maximum: Int)
    /// As many pictures were uploaded in the last hour as may be.
    case tooMany(perHour: Int, retryAfterSeconds: Int64)
    /// The project has been deleted meanwhile.
    case noProject

    public var description: String {
        switch self {
        case .noProject: "The project is not there any more."
        case .tooLarge(let maximum): "The image may have at most \(maximum / 1_048_576) MB."
        case .unknownFormat: "The image must be a PNG, JPEG, GIF, WebP or SVG file."
        case .unreadable: "The image is damaged: it cannot be read."
        case .tooManyPixels(let maximum): "The image may have at most \(maximum / 1_000_000) million pixels."
        case .tooManyScans(let maximum): "A JPEG may have at most \(maximum) scans; save it with fewer, or without."
        case .unusableSVG(let reason): "The SVG cannot be used: \(reason)."
        case .tooMany(let limit, let seconds):
            "A project takes \(limit) images an hour; try again in \(seconds) seconds."
        }
    }
}
