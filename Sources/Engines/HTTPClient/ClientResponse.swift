public import NIOCore

/// What another server answered.
public struct ClientResponse: Sendable {
    /// The HTTP status.
    public let status: Int
    /// In their order.
    public let headers: [(name: String, value: String)]
    public let body: Body

    /// The first header of this name, in any case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The bytes of an answer, in order, as they come.
    ///
    /// No more than a few chunks wait in memory, however slow the reader. Iterate once. Whoever lets go of it ends the
    /// transfer. An answer that ends too early throws.
    public struct Body: AsyncSequence, Sendable {
        public typealias Element = ByteBuffer

        let reader: TransferReader

        public func makeAsyncIterator() -> AsyncIterator {
            AsyncIterator(reader: reader)
        }

        /// Gives the chunks of a ``Body``.
        public struct AsyncIterator: AsyncIteratorProtocol {
            let reader: TransferReader

            /// - Throws: ``HTTPClientError``, or `CancellationError`.
            public mutating func next() async throws -> ByteBuffer? {
                try await reader.next()
            }
        }

        /// All bytes.
        /// - Throws: ``HTTPClientError/tooLarge(limit:)``, or what reading throws.
        public func collect(upTo limit: Int) async throws -> [UInt8] {
            var bytes: [UInt8] = []
            for try await chunk in self {
                guard bytes.count + chunk.readableBytes <= limit else { throw HTTPClientError.tooLarge(limit: limit) }
                bytes += chunk.readableBytesView
            }
            return bytes
        }
    }
}
