import CCrypto
import Text

/// HMAC-SHA256 (RFC 2104) of bytes that come piece by piece.
public struct HMAC {
    private var state = ccrypto_hmac()

    /// - Parameter key: of any length.
    public init(key: SecretKey) {
        key.withUnsafeBytes { ccrypto_hmac_start(&state, $0.baseAddress, $0.count) }
    }

    /// Takes in further bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        ccrypto_hmac_feed(&state, bytes.baseAddress, bytes.count)
    }

    /// Takes in further bytes.
    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The code of all that was taken in.
    public consuming func finish() -> AuthenticationCode {
        AuthenticationCode(digest: Digest { ccrypto_hmac_finish(&state, $0) })
    }
}

/// What HMAC-SHA256 gives: proves that a message comes from somebody who has the key. Comparing two takes as long
/// wherever they differ.
public struct AuthenticationCode: Sendable, Equatable {
    private let digest: Digest

    init(digest: Digest) {
        self.digest = digest
    }

    /// The code of a message that is in memory as a whole.
    public init(of message: [UInt8], key: SecretKey) {
        var code = HMAC(key: key)
        code.update(message)
        self = code.finish()
    }

    /// A code that somebody claims; nil unless it is 64 hexadecimal digits, of either case.
    public init?(hexadecimal: String) {
        guard let digest = Hexadecimal.decode(hexadecimal).flatMap(Digest.init(stored:)) else { return nil }
        self.digest = digest
    }

    /// 64 lowercase hexadecimal digits.
    public var hexadecimal: String { digest.hexadecimal }

    /// The code as a key for another, as derivations chain them.
    public var key: SecretKey { SecretKey(digest.bytes) }
}
