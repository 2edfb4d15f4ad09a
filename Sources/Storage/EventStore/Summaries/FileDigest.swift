import CXXHash

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Tells a file that is not as it was written. The engine would read most damage as other events, and not notice.
package struct FileDigest: Sendable, Equatable {
    private let value: UInt64

    private static let pieceBytes = 1 << 20

    /// Reads a file; nil when it cannot be read. Blocks.
    package init?(of path: String) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var state = XXH64_state_t()
        XXH64_reset(&state, 0)
        var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
        while true {
            let count = piece.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            XXH64_update(&state, piece, count)
        }
        value = XXH64_digest(&state)
    }

    /// As the manifest has it.
    package var text: String { String(value, radix: 16) }

    /// - Returns: nil for anything that ``text`` does not give.
    package init?(text: String) {
        guard let value = UInt64(text, radix: 16) else { return nil }
        self.value = value
    }
}
