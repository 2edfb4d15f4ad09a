public import ControlStore
import Crypto
import GRDB

extension MasterKey {
    /// Something that was sealed, to try a key on.
    public struct Sample: Sendable {
        let sealed: [UInt8]
        let context: String
    }

    /// Tells this key from others; says nothing else of it.
    public var mark: String {
        subkey(label: "sextant key mark").withUnsafeBytes { bytes in
            bytes.prefix(16).map { byte in
                let digits = String(byte, radix: 16)
                return digits.count == 1 ? "0\(digits)" : digits
            }.joined()
        }
    }

    /// A secret that the store holds sealed; nil when it holds none.
    public static func sample(of store: ControlStore) async throws -> Sample? {
        try await store.database.read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT identifier, sealed_secret FROM api_keys WHERE sealed_secret IS NOT NULL ORDER BY id LIMIT 1
                    """
            )
            return row.map { row in
                let sealed: DatabaseBytes = row["sealed_secret"]
                return Sample(sealed: sealed.bytes, context: row["identifier"])
            }
        }
    }

    /// Whether this is the key that the secret was sealed with.
    public func opens(_ sample: Sample) -> Bool {
        (try? unseal(sample.sealed, context: sample.context)) != nil
    }
}
