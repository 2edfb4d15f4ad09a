import CZlib

/// Packs bytes for tests.
enum Gzip {
    struct Failure: Error {}

    static func pack(_ bytes: [UInt8]) throws -> [UInt8] {
        var stream = z_stream()
        guard
            deflateInit2_(
                &stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { throw Failure() }
        defer { deflateEnd(&stream) }
        let capacity = Int(deflateBound(&stream, UInt(bytes.count)))
        var input = bytes
        return try input.withUnsafeMutableBufferPointer { input in
            try [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(capacity)
                guard deflate(&stream, Z_FINISH) == Z_STREAM_END else { throw Failure() }
                count = capacity - Int(stream.avail_out)
            }
        }
    }
}
