/// What a query's process and the server say to each other: frames of a kind, a length and a content.
struct WorkerFrame {
    enum Kind: UInt8 {
        /// To the process: how it is to confine itself. The first frame.
        case settings = 1
        /// To the process: the query. The second and last frame.
        case order
        /// From the process: the query has been read and begins.
        case begun
        /// From the process: the next bytes of the result.
        case bytes
        /// From the process: the result is complete.
        case done
        /// From the process: there is no result.
        case failed
        /// To the process, in place of a query: a Parquet file to be read.
        case table
    }

    let kind: Kind
    let content: [UInt8]

    /// Kind, and length as four bytes, the most significant first.
    static let headBytes = 5

    func encoded() -> [UInt8] {
        let length = UInt32(truncatingIfNeeded: content.count)
        return [kind.rawValue] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + content
    }

    /// Reads a frame's first bytes; nil when they are none of a frame.
    static func head(_ bytes: ArraySlice<UInt8>) -> (kind: Kind, length: Int)? {
        guard bytes.count >= headBytes, let first = bytes.first, let kind = Kind(rawValue: first) else { return nil }
        return (kind, bytes.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) })
    }
}

/// Puts frames together from the pieces in which they come. What comes from a query's process is not believed: anything
/// but frames of a fair length is an error.
struct WorkerFrameReader {
    /// The process says something that it never says: it is not itself any more.
    struct Damaged: Error {}

    static let maximumContentBytes = 1 << 20

    private var buffer: [UInt8] = []
    private var start = 0

    mutating func add(_ bytes: [UInt8]) {
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer += bytes
    }

    /// The next whole frame; nil when more bytes must come first.
    mutating func next() throws(Damaged) -> WorkerFrame? {
        let rest = buffer[start...]
        guard rest.count >= WorkerFrame.headBytes else { return nil }
        guard let (kind, length) = WorkerFrame.head(rest), length <= Self.maximumContentBytes else { throw Damaged() }
        let content = rest.dropFirst(WorkerFrame.headBytes).prefix(length)
        guard content.count == length else { return nil }
        start += WorkerFrame.headBytes + length
        return WorkerFrame(kind: kind, content: Array(content))
    }
}
