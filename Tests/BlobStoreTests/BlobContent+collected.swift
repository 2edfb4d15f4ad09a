import BlobStore
import NIOCore

extension BlobContent {
    /// Everything that is left, in memory.
    func collected() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await chunk in self { bytes += chunk.readableBytesView }
        return bytes
    }
}
