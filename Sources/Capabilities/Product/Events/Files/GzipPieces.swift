import CZlib

/// Unpacks gzip (RFC 1952) piece by piece; several members one after the other are one stream, and zeros after them fill
/// a block up, as tapes have it.
final class GzipPieces {
    static let magic: [UInt8] = [0x1F, 0x8B]

    private let stream: UnsafeMutablePointer<z_stream>
    private var input: UnsafeMutableBufferPointer<UInt8>
    private let source: () throws(EventRejection) -> [UInt8]?
    /// Whether the member that was read last is complete.
    private var isBetweenMembers = false
    /// Whether there was more than room for it in the last piece.
    private var hasMore = false

    /// - Parameters:
    ///   - first: the first packed bytes.
    ///   - source: the packed bytes after those; nil at their end.
    init(first: [UInt8], _ source: @escaping () throws(EventRejection) -> [UInt8]?) {
        self.source = source
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        input = .allocate(capacity: 0)
        // 15 + 16: the largest window, gzip framing only. What fails here fails again when it is used.
        _ = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        feed(first)
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        input.deallocate()
    }

    /// The next unpacked bytes, never none; nil at the end.
    func next() throws(EventRejection) -> [UInt8]? {
        while true {
            if stream.pointee.avail_in == 0, !hasMore {
                guard let piece = try source() else {
                    guard isBetweenMembers else { throw Self.damaged }
                    return nil
                }
                feed(piece)
            }
            if isBetweenMembers {
                passOverZeros()
                if stream.pointee.avail_in == 0 { continue }
                guard inflateReset(stream) == Z_OK else { throw Self.damaged }
                isBetweenMembers = false
            }
            var status = Z_OK
            let piece = [UInt8](unsafeUninitializedCapacity: UploadPieces.pieceBytes) { buffer, count in
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(buffer.count)
                status = inflate(stream, Z_NO_FLUSH)
                count = buffer.count - Int(stream.pointee.avail_out)
            }
            hasMore = stream.pointee.avail_out == 0 && status == Z_OK
            switch status {
            case Z_STREAM_END: isBetweenMembers = true
            // Z_BUF_ERROR: all that was there is unpacked.
            case Z_OK, Z_BUF_ERROR: break
            default: throw Self.damaged
            }
            if !piece.isEmpty { return piece }
        }
    }

    private func passOverZeros() {
        while stream.pointee.avail_in > 0, let next = stream.pointee.next_in, next.pointee == 0 {
            stream.pointee.next_in = next + 1
            stream.pointee.avail_in -= 1
        }
    }

    private func feed(_ piece: [UInt8]) {
        input.deallocate()
        input = .allocate(capacity: piece.count)
        _ = input.initialize(from: piece)
        stream.pointee.next_in = input.baseAddress
        stream.pointee.avail_in = UInt32(piece.count)
    }

    private static let damaged = EventRejection(
        .malformed, field: "file", "The file is packed with gzip, and damaged or cut off. Send it again.")
}

/// Unpacks raw deflate data (RFC 1951), as Avro files hold it.
enum Deflate {
    /// - Returns: the bytes; nil when they are damaged, or more than `maximumBytes`.
    static func unpack(_ packed: [UInt8], maximumBytes: Int) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var packed = packed
        var unpacked: [UInt8] = []
        return packed.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            while true {
                var status = Z_OK
                let piece = [UInt8](unsafeUninitializedCapacity: UploadPieces.pieceBytes) { buffer, count in
                    stream.next_out = buffer.baseAddress
                    stream.avail_out = UInt32(buffer.count)
                    status = inflate(&stream, Z_NO_FLUSH)
                    count = buffer.count - Int(stream.avail_out)
                }
                unpacked += piece
                guard unpacked.count <= maximumBytes else { return nil }
                if status == Z_STREAM_END { return unpacked }
                guard status == Z_OK, !piece.isEmpty || stream.avail_in > 0 else { return nil }
            }
        }
    }
}
