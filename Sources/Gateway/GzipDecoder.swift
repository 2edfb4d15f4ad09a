import CZlib

/// Unpacks gzip bodies, never to more than a stated size: a few kilobytes may claim to be gigabytes.
enum GzipDecoder {
    enum Failure: Error {
        case malformed
        case tooLarge
    }

    static func decode(_ input: [UInt8], maximumBytes: Int) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        // 15 + 16: the largest window, gzip framing only.
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .malformed
        }
        defer { inflateEnd(&stream) }
        var output: [UInt8] = []
        output.reserveCapacity(min(input.count * 4, maximumBytes))
        let chunkSize = 64 * 1_024
        var input = input
        let result: Result<Void, Failure> = input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            while true {
                var status = Z_OK
                let chunk = [UInt8](unsafeUninitializedCapacity: chunkSize) { buffer, count in
                    stream.next_out = buffer.baseAddress
                    stream.avail_out = UInt32(chunkSize)
                    status = inflate(&stream, Z_NO_FLUSH)
                    count = chunkSize - Int(stream.avail_out)
                }
                output.append(contentsOf: chunk)
                if output.count > maximumBytes { return .failure(.tooLarge) }
                switch status {
                case Z_OK where stream.avail_in > 0 || stream.avail_out == 0: continue
                case Z_STREAM_END where stream.avail_in == 0: return .success(())
                // Several members one after the other are one stream (RFC 1952, 2.2).
                case Z_STREAM_END where inflateReset(&stream) == Z_OK: continue
                default: return .failure(.malformed)
                }
            }
        }
        try result.get()
        return output
    }
}
