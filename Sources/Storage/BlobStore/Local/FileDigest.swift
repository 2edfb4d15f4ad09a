import Cryptography
import NIOCore
import NIOPosix

/// SHA-256 of files, computed on threads that may block, in flat memory.
enum FileDigest {
    /// Bytes hashed before the thread is given back, so that a large file does not keep small ones waiting.
    private static let stretch = 4 * 1_024 * 1_024

    /// The digest of a whole file and of each of its parts, from one pass over it.
    struct Digests: Sendable {
        let whole: String
        /// One for each stretch of `partSize` bytes; a single one for an empty file.
        let parts: [String]
    }

    /// - Throws: ``BlobStoreError/unusableSource(path:reason:)`` when the file shrinks meanwhile.
    static func sha256(of file: OpenFile) async throws -> String {
        try await hash(file, 0..<file.size, into: [SHA256()])[0].finish().hexadecimal
    }

    /// - Throws: ``BlobStoreError/unusableSource(path:reason:)`` when the file shrinks meanwhile.
    static func sha256(of file: OpenFile, partSize: Int) async throws -> Digests {
        var whole = SHA256()
        var parts: [String] = []
        for start in stride(from: 0, to: max(file.size, 1), by: partSize) {
            let hashers = try await hash(file, start..<min(start + partSize, file.size), into: [whole, SHA256()])
            whole = hashers[0]
            parts.append(hashers[1].finish().hexadecimal)
        }
        return Digests(whole: whole.finish().hexadecimal, parts: parts)
    }

    private static func hash(_ file: OpenFile, _ range: Range<Int>, into hashers: [SHA256]) async throws -> [SHA256] {
        var hashers = hashers
        for start in stride(from: range.lowerBound, to: range.upperBound, by: stretch) {
            let end = min(start + stretch, range.upperBound)
            hashers = try await NIOThreadPool.singleton.runIfActive { [hashers] in
                var hashers = hashers
                for offset in stride(from: start, to: end, by: FileChunks.chunkSize) {
                    let count = min(FileChunks.chunkSize, end - offset)
                    let chunk = try file.read(at: offset, count: count)
                    guard chunk.readableBytes == count else {
                        throw BlobStoreError.unusableSource(path: file.path, reason: "it became shorter while read")
                    }
                    for index in hashers.indices {
                        chunk.withUnsafeReadableBytes { hashers[index].update($0) }
                    }
                }
                return hashers
            }
        }
        return hashers
    }
}
