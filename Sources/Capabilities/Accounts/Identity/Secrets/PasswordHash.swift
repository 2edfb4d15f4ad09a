import CArgon2
import Dispatch
import Synchronization

/// Password hashing with argon2id at OWASP's minimum: 19 MiB, two passes, one lane (RFC 9106).
///
/// One hash takes tens of milliseconds and 19 MiB, so they are made one after the other on a queue of their own: never
/// on Swift's cooperative threads, and never so many at once that log-ins could exhaust the memory.
public enum PasswordHash {
    private static let memoryKiB: UInt32 = 19_456
    private static let passes: UInt32 = 2
    private static let lanes: UInt32 = 1
    private static let saltBytes = 16
    private static let hashBytes = 32

    private static let queue = DispatchQueue(label: "passwords", qos: .userInitiated)

    /// A new hash of `password` under a random salt, in argon2's encoded form (`$argon2id$v=19$...`).
    /// - Throws: ``PasswordHashError`` when memory is short, or too many wait.
    public static func make(_ password: String) async throws -> String {
        try await onQueue { try makeBlocking(password) }
    }

    /// Whether `password` is the one that `encoded` was made from. False for an `encoded` that is malformed.
    /// - Throws: ``PasswordHashError`` when too many wait.
    public static func verify(_ password: String, against encoded: String) async throws -> Bool {
        try await onQueue {
            let password = Array(password.utf8)
            return argon2id_verify(encoded, password, password.count) == ARGON2_OK.rawValue
        }
    }

    private static func makeBlocking(_ password: String) throws -> String {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<saltBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let password = Array(password.utf8)
        let length = argon2_encodedlen(passes, memoryKiB, lanes, UInt32(saltBytes), UInt32(hashBytes), Argon2_id)
        var encoded = [CChar](repeating: 0, count: Int(length))
        let outcome = argon2id_hash_encoded(
            passes, memoryKiB, lanes, password, password.count, salt, salt.count, hashBytes, &encoded, encoded.count)
        guard outcome == ARGON2_OK.rawValue else {
            throw PasswordHashError(reason: String(cString: argon2_error_message(outcome)))
        }
        return String(decoding: encoded.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// That wait: about three seconds of work.
    private static let mostWaiting = 64
    private static let waiting = Mutex(0)

    private static func onQueue<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        let isIn = waiting.withLock { waiting in
            guard waiting < mostWaiting else { return false }
            waiting += 1
            return true
        }
        guard isIn else { throw PasswordHashError.busy }
        defer { waiting.withLock { $0 -= 1 } }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: work)) }
        }
    }
}

/// Why a password could not be hashed.
public struct PasswordHashError: Error, Equatable, CustomStringConvertible {
    /// The library's own words.
    public let reason: String

    /// Too many wait.
    public static let busy = PasswordHashError(reason: "too many passwords wait to be looked at")

    public var description: String { "cannot hash the password: \(reason)" }
}
