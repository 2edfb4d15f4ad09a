import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Collects request bodies within limits: size on the wire and unpacked, speed, and what all requests hold together.
final class BodyReader: Sendable {
    /// What all bodies in memory may hold together, in bytes.
    private let budgetBytes: Int
    private let heldBytes = Atomic<Int>(0)

    /// A body slower than this after `graceSeconds` is a client that keeps a connection busy on purpose.
    private static let minimumBytesPerSecond = 1_024.0
    private static let graceSeconds = 10.0

    init(budgetBytes: Int) {
        self.budgetBytes = budgetBytes
    }

    /// Holds a share of the budget until it goes away.
    final class Lease: Sendable {
        private let reader: BodyReader
        private let bytes: Int

        /// Nil when the budget is spent; what it took is given back by `deinit`, which runs for a refused lease too.
        fileprivate init?(_ bytes: Int, of reader: BodyReader) {
            self.reader = reader
            self.bytes = bytes
            guard reader.heldBytes.add(bytes, ordering: .relaxed).newValue <= reader.budgetBytes else { return nil }
        }

        deinit { _ = reader.heldBytes.subtract(bytes, ordering: .relaxed) }
    }

    /// Small bodies are not worth accounting for.
    private static let freeBytes = 64 * 1_024

    /// A body in memory.
    struct Collected {
        /// Unpacked.
        let bytes: [UInt8]
        /// As it came.
        let raw: [UInt8]
        /// To be kept as long as the body.
        let lease: Lease?

        static let empty = Collected(bytes: [], raw: [], lease: nil)
    }

    /// - Throws: `APIError` 413, 408, 429 or 400.
    func read(_ request: Request, maximumBytes: Int) async throws -> Collected {
        if let declared = request.headers[.contentLength].flatMap({ Int($0) }), declared > maximumBytes {
            throw Self.tooLarge(maximumBytes)
        }
        do {
            return try await collect(request, maximumBytes: maximumBytes)
        } catch let error as APIError {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // The client broke off, or its chunks make no sense.
            throw APIError(
                .badRequest, "The body could not be read to its end: it broke off, or its chunks are malformed.",
                headers: [.connection: "close"])
        }
    }

    private func collect(_ request: Request, maximumBytes: Int) async throws -> Collected {
        let started = ContinuousClock.now
        var bytes: [UInt8] = []
        var lease: Lease?
        var leased = Self.freeBytes
        for try await buffer in request.body {
            guard bytes.count + buffer.readableBytes <= maximumBytes else { throw Self.tooLarge(maximumBytes) }
            bytes.append(contentsOf: buffer.readableBytesView)
            if bytes.count > leased {
                leased = min(max(bytes.count * 2, 1_024 * 1_024), maximumBytes)
                lease = nil
                lease = try takeLease(leased)
            }
            try Self.checkSpeed(received: bytes.count, since: started)
        }
        return try await unpack(
            bytes, encoding: request.headers[.contentEncoding], maximumBytes: maximumBytes, lease: lease)
    }

    /// Packed bytes that cannot unpack to more than about a megabyte: gzip packs a thousand to one at best.
    private static let quicklyUnpackedBytes = 1_024

    private func unpack(
        _ bytes: [UInt8], encoding: String?, maximumBytes: Int, lease: Lease?
    ) async throws -> Collected {
        switch encoding?.lowercased() {
        case nil, "", "identity":
            return Collected(bytes: bytes, raw: bytes, lease: lease)
        case "gzip", "x-gzip":
            do {
                // A few kilobytes may hold many megabytes.
                let unpacked = try await LongWork.run(if: bytes.count > Self.quicklyUnpackedBytes) {
                    try GzipDecoder.decode(bytes, maximumBytes: maximumBytes)
                }
                let lease = unpacked.count > Self.freeBytes ? try takeLease(unpacked.count) : nil
                return Collected(bytes: unpacked, raw: bytes, lease: lease)
            } catch GzipDecoder.Failure.tooLarge {
                throw Self.tooLarge(maximumBytes)
            } catch GzipDecoder.Failure.malformed {
                throw APIError(.badRequest, "The body is not valid gzip, though Content-Encoding says so.")
            }
        case let other?:
            throw APIError(
                .unsupportedMediaType,
                "Content-Encoding \(other.prefix(40)) is not supported; send gzip or no encoding.")
        }
    }

    private func takeLease(_ bytes: Int) throws -> Lease {
        guard let lease = Lease(bytes, of: self) else {
            throw APIError.tooManyRequests(
                "Too many large requests are under way. Send the same request again after a moment.",
                retryAfterSeconds: 2)
        }
        return lease
    }

    private static func checkSpeed(received: Int, since start: ContinuousClock.Instant) throws {
        let elapsed = start.duration(to: .now) / .seconds(1)
        guard elapsed > graceSeconds, Double(received) / elapsed < minimumBytesPerSecond else { return }
        throw APIError(.requestTimeout, "The body arrives too slowly.", headers: [.connection: "close"])
    }

    private static func tooLarge(_ maximumBytes: Int) -> APIError {
        // Reading on only to throw away would hold the connection; closing it is what clients expect.
        APIError(
            .contentTooLarge, "The body is larger than the \(maximumBytes) bytes allowed here.",
            headers: [.connection: "close"])
    }
}
