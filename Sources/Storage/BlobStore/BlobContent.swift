import HTTPClient
public import NIOCore

/// The bytes of a stored file, in order, a chunk at a time.
///
/// The next chunk is only fetched when it is asked for, so memory stays flat however large the file and however slow the
/// reader. Iterate once. A connection lost on the way throws; a short file is never mistaken for a whole one.
public struct BlobContent: AsyncSequence, Sendable {
    public typealias Element = ByteBuffer

    enum Source: Sendable {
        case file(FileChunks)
        case http(ClientResponse.Body)
    }

    /// Bytes of the whole file, whatever part of it is read.
    public let totalSize: Int
    /// The bytes that this sequence gives, counted from the file's start.
    public let range: Range<Int>

    let source: Source

    /// Starts at the first byte of ``range``.
    public func makeAsyncIterator() -> AsyncIterator {
        switch source {
        case .file(let chunks): AsyncIterator(source: .file(chunks.makeAsyncIterator()), expected: range.count)
        case .http(let body): AsyncIterator(source: .http(body.makeAsyncIterator()), expected: range.count)
        }
    }

    /// Gives the chunks of a ``BlobContent``.
    public struct AsyncIterator: AsyncIteratorProtocol {
        enum Source {
            case file(FileChunks.AsyncIterator)
            case http(ClientResponse.Body.AsyncIterator)
        }

        var source: Source
        let expected: Int
        var received = 0

        init(source: Source, expected: Int) {
            self.source = source
            self.expected = expected
        }

        /// The next chunk, or nil after the last.
        /// - Throws: ``BlobStoreError/truncated(received:expected:)``, ``BlobStoreError/disk(operation:path:reason:)``,
        ///   or the error of the connection.
        public mutating func next() async throws -> ByteBuffer? {
            let chunk: ByteBuffer?
            switch source {
            case .file(var iterator):
                chunk = try await iterator.next()
                source = .file(iterator)
            case .http(var iterator):
                chunk = try await iterator.next()
                source = .http(iterator)
            }
            received += chunk?.readableBytes ?? 0
            if received > expected || (chunk == nil && received < expected) {
                throw BlobStoreError.truncated(received: received, expected: expected)
            }
            return chunk
        }
    }
}

extension Range<Int> {
    /// This range cut at the end of a file of `size` bytes; nil when nothing is left or it begins before zero.
    func clipped(toFileOf size: Int) -> Range<Int>? {
        guard lowerBound >= 0, lowerBound < size, !isEmpty else { return nil }
        return lowerBound..<Swift.min(upperBound, size)
    }
}
