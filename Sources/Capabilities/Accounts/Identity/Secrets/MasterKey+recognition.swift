public import ControlStore
import Cryptography
import Text

extension MasterKey {
    /// Something that was sealed, to try a key on.
    public struct Sample: Sendable {
        let sealed: [UInt8]
        let context: String
    }

    /// Tells this key from others; says nothing else of it.
    public var mark: String {
        subkey(label: "sextant key mark").withUnsafeBytes { Hexadecimal.encode($0.prefix(16)) }
    }

    /// Secrets that the store holds sealed, the newest first.
    public static func samples(of store: ControlStore) async throws -> [Sample] {
        try await store.read { database in
            let rows = try database.rows(
                sql: """
                    SELECT identifier, sealed_secret FROM api_keys WHERE sealed_secret IS NOT NULL ORDER BY id DESC
                    LIMIT \(mostSamples)
                    """
            )
            return rows.readable("sealed secret") { row in
                let sealed: [UInt8] = try row.read("sealed_secret")
                return try Sample(sealed: sealed, context: row.read("identifier"))
            }
        }
    }

    /// Trying them all is a matter of milliseconds.
    private static let mostSamples = 1_000

    /// Whether this is the key that the secret was sealed with.
    public func opens(_ sample: Sample) -> Bool {
        (try? unseal(sample.sealed, context: sample.context)) != nil
    }
}
