import CCrypto

/// A text that only its key opens, and only as what it was sealed: AES-256-GCM (NIST SP 800-38D).
public struct SealedBox: Sendable, Equatable {
    /// Nonce (12 bytes), ciphertext (as long as the text), tag (16 bytes): what is stored.
    public let bytes: [UInt8]

    private static let overhead = Int(ccrypto_nonce_length + ccrypto_tag_length)

    /// A box that was stored. Whether it is one shows when it is opened.
    public init(stored bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Seals under a random nonce.
    /// - Parameters:
    ///   - key: 32 bytes.
    ///   - context: what the text belongs to; opening needs the same, so boxes cannot be swapped.
    /// - Throws: ``SealingError``.
    public init(sealing text: [UInt8], context: [UInt8], key: SecretKey) throws(SealingError) {
        var generator = SystemRandomNumberGenerator()
        let random = (generator.next(), generator.next())
        let nonce = withUnsafeBytes(of: random) { Array($0.prefix(ccrypto_nonce_length)) }
        try self.init(sealing: text, context: context, key: key, nonce: nonce)
    }

    /// - Parameter nonce: 12 bytes, never the same twice under one key.
    init(sealing text: [UInt8], context: [UInt8], key: SecretKey, nonce: [UInt8]) throws(SealingError) {
        guard key.byteCount == ccrypto_key_length, nonce.count == ccrypto_nonce_length else { throw .cannotSeal }
        var sealed = [UInt8](repeating: 0, count: text.count + Self.overhead)
        let isSealed = Self.withInput(text, context) { input in
            key.withUnsafeBytes { ccrypto_seal(&input, $0.baseAddress, nonce, &sealed) != 0 }
        }
        guard isSealed else { throw .cannotSeal }
        bytes = sealed
    }

    /// The text.
    /// - Throws: ``SealingError/cannotOpen`` when the key, the context or a byte is another.
    public func open(context: [UInt8], key: SecretKey) throws(SealingError) -> [UInt8] {
        guard key.byteCount == ccrypto_key_length, bytes.count >= Self.overhead else { throw .cannotOpen }
        var text = [UInt8](repeating: 0, count: bytes.count - Self.overhead)
        let isGenuine = Self.withInput(bytes, context) { input in
            key.withUnsafeBytes { ccrypto_open(&input, $0.baseAddress, &text) != 0 }
        }
        guard isGenuine else { throw .cannotOpen }
        return text
    }

    private static func withInput(
        _ bytes: [UInt8], _ context: [UInt8], _ body: (inout ccrypto_sealing) -> Bool
    ) -> Bool {
        bytes.withUnsafeBytes { bytes in
            context.withUnsafeBytes { context in
                var input = ccrypto_sealing(
                    bytes: bytes.baseAddress, count: bytes.count, context: context.baseAddress,
                    context_count: context.count)
                return body(&input)
            }
        }
    }
}

/// Why a box could not be made or opened.
public enum SealingError: Error, Sendable, Equatable {
    /// The key has another length than 32 bytes, or the library refused.
    case cannotSeal
    /// The key, the context or a byte is another.
    case cannotOpen
}
