import CZlib

/// Unpacks gzip bodies, never to more than a stated size: a few kilobytes may claim to be gigabytes.
enum GzipDecoder {
    enum Failure: Error {
        case malformed
        case tooLarge
        /// The caller had no room for more.
        case refused
    }

    /// Whether bytes begin as gzip does, and as no text does.
    static func isPacked(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B, 0x08]) }

    /// - Parameter reserve: asked before what is unpacked grows to so many bytes; false where there is no room.
    static func decode(
        _ input: [UInt8], maximumBytes: Int, reserve: (_ count: Int) -> Bool = { _ in true }
    ) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        // 15 + 16: the largest window, gzip framing only.
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .malformed
        }
        defer { inflateEnd(&stream) }
        var output: [UInt8] = []
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
                if output.count + chunk.count > maximumBytes { return .failure(.tooLarge) }
                guard reserve(output.count + chunk.count) else { return .failure(.refused) }
                output.append(contentsOf: chunk)
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
