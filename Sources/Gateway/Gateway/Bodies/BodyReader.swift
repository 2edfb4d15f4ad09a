import HTTPTypes
import Hummingbird
import NIOCore

/// Collects request bodies within limits: size on the wire and unpacked, speed, and what its client may hold of the
/// memory that all bodies have together.
struct BodyReader: Sendable {
    /// A body as it came, and what it holds of the budget, to be kept as long as the request.
    struct Received {
        let bytes: [UInt8]
        let lease: MemoryLease
    }

    let budget: MemoryBudget

    init(budgetBytes: Int) {
        budget = MemoryBudget(totalBytes: budgetBytes)
    }

    /// Reads a body to its end, as it comes.
    /// - Parameters:
    ///   - context: the connection, whose client may wait to be told that its body is wanted.
    ///   - origin: where it comes from.
    ///   - shareKey: the key that its client has proved; nil for strangers.
    /// - Throws: `APIError` 413, 408, 429 or 400.
    func receive(
        _ request: Request, over context: GatewayContext, maximumBytes: Int, from origin: RequestOrigin,
        shareKey: String?
    ) async throws -> Received {
        if let declared = request.headers[.contentLength].flatMap({ Int($0) }), declared > maximumBytes {
            throw Self.tooLarge(maximumBytes)
        }
        let headers = request.headers
        context.inviteBody(of: headers)
        let lease = MemoryLease(budget, key: shareKey) { origin.clientAddress(headers) }
        do {
            return Received(
                bytes: try await collect(request, maximumBytes: maximumBytes, lease: lease), lease: lease)
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

    private func collect(_ request: Request, maximumBytes: Int, lease: MemoryLease) async throws -> [UInt8] {
        let started = ContinuousClock.now
        var bytes: [UInt8] = []
        for try await buffer in request.body {
            guard bytes.count + buffer.readableBytes <= maximumBytes else { throw Self.tooLarge(maximumBytes) }
            // What has arrived counts, not what was announced.
            try lease.grow(to: bytes.count + buffer.readableBytes)
            bytes.append(contentsOf: buffer.readableBytesView)
            let seconds = started.duration(to: .now) / .seconds(1)
            if BodyDeadline.isPassed(receivedBytes: bytes.count, after: seconds) {
                throw APIError(.requestTimeout, "The body arrives too slowly.", headers: [.connection: "close"])
            }
        }
        return bytes
    }

    /// Packed bytes that cannot unpack to more than about a megabyte: gzip packs a thousand to one at best.
    private static let quicklyUnpackedBytes = 1_024

    /// Takes a body out of its encoding.
    /// - Throws: `APIError` 400, 413 or 429.
    func unpack(_ body: Received, from coding: ContentCoding, maximumBytes: Int) async throws -> [UInt8] {
        guard coding == .gzip else { return body.bytes }
        do {
            // A few kilobytes may hold many megabytes.
            return try await LongWork.run(
                forStranger: body.lease.isStranger, if: body.bytes.count > Self.quicklyUnpackedBytes
            ) {
                try Self.unpack(body, maximumBytes: maximumBytes)
            }
        } catch GzipDecoder.Failure.tooLarge {
            throw Self.tooLarge(maximumBytes)
        } catch GzipDecoder.Failure.malformed {
            throw APIError(.badRequest, "The body is not valid gzip, though Content-Encoding says so.")
        }
    }

    private static func unpack(_ body: Received, maximumBytes: Int) throws -> [UInt8] {
        var refusal: APIError?
        do {
            return try GzipDecoder.decode(body.bytes, maximumBytes: maximumBytes) { count in
                do throws(APIError) {
                    try body.lease.grow(to: body.bytes.count + count)
                } catch {
                    refusal = error
                }
                return refusal == nil
            }
        } catch {
            throw refusal ?? error
        }
    }

    private static func tooLarge(_ maximumBytes: Int) -> APIError {
        // Reading on only to throw away would hold the connection; closing it is what clients expect.
        APIError(
            .contentTooLarge, "The body is larger than the \(maximumBytes) bytes allowed here.",
            headers: [.connection: "close"])
    }
}
