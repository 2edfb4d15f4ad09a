import CCrypto

/// SHA-256 (FIPS 180-4) of bytes that come piece by piece.
///
/// A value: a copy goes on by itself. ``Digest/init(of:)`` is for bytes that are there as a whole.
public struct SHA256: Sendable {
    private var state = ccrypto_sha256()

    /// Of nothing yet.
    public init() {
        ccrypto_sha256_start(&state)
    }

    /// Takes in further bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        ccrypto_sha256_feed(&state, bytes.baseAddress, bytes.count)
    }

    /// Takes in further bytes.
    public mutating func update(_ bytes: some Collection<UInt8>) {
        if bytes.withContiguousStorageIfAvailable({ update(UnsafeRawBufferPointer($0)) }) == nil {
            Array(bytes).withUnsafeBytes { update($0) }
        }
    }

    /// The digest of all that was taken in.
    public consuming func finish() -> Digest {
        var state = state
        return Digest { ccrypto_sha256_finish(&state, $0) }
    }
}
