import NIOCore
import NIOPosix

/// A part of a file as chunks of at most 256 KiB, each read on a thread that may block, only when asked for.
struct FileChunks: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    static let chunkSize = 256 * 1_024

    let file: OpenFile
    let range: Range<Int>

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(file: file, position: range.lowerBound, end: range.upperBound)
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        let file: OpenFile
        var position: Int
        let end: Int

        mutating func next() async throws -> ByteBuffer? {
            let (offset, count) = (position, Swift.min(end - position, FileChunks.chunkSize))
            guard count > 0 else { return nil }
            let chunk = try await NIOThreadPool.singleton.runIfActive { [file] in
                try file.read(at: offset, count: count)
            }
            guard chunk.readableBytes > 0 else { return nil }
            position += chunk.readableBytes
            return chunk
        }
    }
}
