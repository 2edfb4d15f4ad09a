public import Cryptography

/// The server's own key: seals the secrets that must be readable again, and is the root of all other keys.
///
/// It lives in a file of its own, outside the control store, so that a copy of the store alone opens nothing.
public struct MasterKey: Sendable {
    static let byteCount = 32
    private let root: SecretKey

    init(bytes: [UInt8]) {
        root = SecretKey(bytes)
    }

    /// A 256-bit key for one purpose (HKDF-SHA256, RFC 5869). The same label always gives the same key.
    public func subkey(label: String) -> SecretKey {
        root.derived(label: label)
    }

    /// Encrypts a secret (AES-256-GCM, random nonce).
    /// - Parameter context: what the secret belongs to; unsealing needs the same, so sealed secrets cannot be swapped.
    public func seal(_ secret: String, context: String) throws(MasterKeyError) -> [UInt8] {
        do throws(SealingError) {
            return try SealedBox(
                sealing: Array(secret.utf8), context: Array(context.utf8), key: subkey(label: Self.sealingLabel)
            ).bytes
        } catch {
            throw MasterKeyError.cannotSeal
        }
    }

    /// Decrypts what ``seal(_:context:)`` made.
    /// - Throws: ``MasterKeyError/cannotOpen`` when the key, the context or a byte of it differs.
    public func unseal(_ sealed: [UInt8], context: String) throws(MasterKeyError) -> String {
        do throws(SealingError) {
            let bytes = try SealedBox(stored: sealed).open(
                context: Array(context.utf8), key: subkey(label: Self.sealingLabel))
            return String(decoding: bytes, as: UTF8.self)
        } catch {
            throw MasterKeyError.cannotOpen
        }
    }

    private static let sealingLabel = "sextant sealed secrets"
}

/// What can go wrong with the master key or what it sealed.
public enum MasterKeyError: Error, Equatable, CustomStringConvertible {
    case cannotRead(path: String, reason: String)
    case cannotCreate(path: String, reason: String)
    case wrongLength(path: String, bytes: Int)
    /// Others than the owner may read the file.
    case exposed(path: String)
    case cannotSeal
    case cannotOpen

    public var description: String {
        switch self {
        case .cannotRead(let path, let reason): "cannot read the master key \(path): \(reason)"
        case .cannotCreate(let path, let reason): "cannot create the master key \(path): \(reason)"
        case .wrongLength(let path, let bytes):
            "the master key \(path) has \(bytes) bytes instead of \(MasterKey.byteCount); restore it from a backup"
        case .exposed(let path): "the master key \(path) can be read by others; run: chmod 600 \(path)"
        case .cannotSeal: "cannot encrypt a secret"
        case .cannotOpen: "a stored secret does not belong to this master key; restore the key file it was stored with"
        }
    }
}
