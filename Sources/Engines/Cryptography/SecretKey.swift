import CCrypto

/// Bytes that nobody else may know. Their memory is wiped when the last copy goes.
public struct SecretKey: Sendable {
    private let storage: Storage

    /// - Parameter bytes: copied; the caller's copy stays as it is.
    public init(_ bytes: some Collection<UInt8>) {
        storage = Storage(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    /// Bytes of the key.
    public var byteCount: Int { storage.bytes.count }

    /// Lends the key's bytes.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(storage.bytes))
    }

    /// A 256-bit key for one purpose, made of this one (HKDF-SHA256 without salt, RFC 5869). The same label always gives
    /// the same key.
    public func derived(label: String) -> SecretKey {
        // Without a salt, HKDF extracts under as many zeros as a digest has bytes.
        var extraction = HMAC(key: SecretKey([UInt8](repeating: 0, count: Digest.byteCount)))
        withUnsafeBytes { extraction.update($0) }
        var expansion = HMAC(key: extraction.finish().key)
        expansion.update(Array(label.utf8) + [1])
        return expansion.finish().key
    }

    private final class Storage: @unchecked Sendable {
        // Written by the initialiser only.
        let bytes: UnsafeMutableRawBufferPointer

        init(count: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void) {
            bytes = .allocate(byteCount: count, alignment: 8)
            write(bytes)
        }

        deinit {
            if let start = bytes.baseAddress { ccrypto_wipe(start, bytes.count) }
            bytes.deallocate()
        }
    }
}

extension SecretKey: Equatable {
    /// Takes as long wherever keys of one length differ.
    public static func == (left: SecretKey, right: SecretKey) -> Bool {
        guard left.byteCount == right.byteCount else { return false }
        return left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in
                guard let left = left.baseAddress, let start = right.baseAddress else { return true }
                return ccrypto_is_equal(left, start, right.count) != 0
            }
        }
    }
}
