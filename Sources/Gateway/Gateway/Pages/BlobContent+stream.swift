import BlobStore
import NIOCore

extension AsyncSequence where Element == ByteBuffer, Self: Sendable {
    /// The same chunks under a name that an answer can carry. Pulled, so that a slow reader holds the source back.
    var stream: AsyncThrowingStream<ByteBuffer, any Error> {
        let box = IteratorBox(makeAsyncIterator())
        return AsyncThrowingStream { try await box.next() }
    }
}

/// Lets one consumer after the other step an iterator that is not Sendable itself.
private actor IteratorBox<Base: AsyncIteratorProtocol> where Base.Element == ByteBuffer {
    private var iterator: Base?

    init(_ iterator: sending Base) {
        self.iterator = iterator
    }

    func next() async throws -> ByteBuffer? {
        guard var taken = iterator else { return nil }
        iterator = nil
        let element = try await taken.next(isolation: self)
        iterator = taken
        return element
    }
}
