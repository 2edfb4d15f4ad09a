import ControlStore
import Crypto
import Foundation
import GRDB
import Identity
public import JSON
import Time

/// Tokens that let people without a key look at one experience and its report.
extension ExperienceService {
    private static let standardHours: Int64 = 24

    /// What a request wants of the token (contract schema `ExperienceReportTokenRequestData`).
    public enum TokenAction: String, Sendable {
        /// The valid one, or a new one.
        case get
        case regenerate
        case delete
    }

    /// - Parameter hours: how long a new one is good; 24 when nil.
    /// - Returns: contract schema `ExperienceReportToken`; of a deleted one only the id.
    public func reportToken(
        of id: Int64, _ action: TokenAction, hours: Int64?, _ scope: ResourceScope
    ) async throws -> JSONValue {
        let now = resources.clock.now
        return try await resources.store.database.write { database in
            _ = try resources.find(.experience, .id(id), scope, in: database)
            if action == .get,
                let row = try Row.fetchOne(
                    database, sql: "SELECT * FROM report_tokens WHERE experience_id = ? AND expires_at > ?",
                    arguments: [id, now])
            {
                let expiresAt: Timestamp = row["expires_at"]
                let sealed = Array(row["sealed_token"] as Data)
                return Self.show(
                    id, try masterKey.unseal(sealed, context: Self.context(id)), expiresAt)
            }
            try database.execute(sql: "DELETE FROM report_tokens WHERE experience_id = ?", arguments: [id])
            if action == .delete { return ["id": .integer(id)] }
            let token =
                "sxr_"
                + SymmetricKey(size: .bits256).withUnsafeBytes { bytes in
                    bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
                }
            let expiresAt = now.adding(seconds: (hours ?? Self.standardHours) * 3_600)
            try database.execute(
                sql: """
                    INSERT INTO report_tokens (experience_id, sealed_token, digest, expires_at) VALUES (?, ?, ?, ?)
                    """,
                arguments: [
                    id, Data(try masterKey.seal(token, context: Self.context(id))), Self.digest(of: token), expiresAt,
                ])
            return Self.show(id, token, expiresAt)
        }
    }

    /// The experience that a token opens now; nil for none.
    public func experienceID(forReportToken token: String) async throws -> Int64? {
        let now = resources.clock.now
        return try await resources.store.database.read { database in
            try Int64.fetchOne(
                database, sql: "SELECT experience_id FROM report_tokens WHERE digest = ? AND expires_at > ?",
                arguments: [Self.digest(of: token), now])
        }
    }

    private static func digest(of token: String) -> Data {
        Data(SHA256.hash(data: Array(token.utf8)))
    }

    private static func context(_ id: Int64) -> String { "report token \(id)" }

    private static func show(_ id: Int64, _ token: String, _ expiresAt: Timestamp) -> JSONValue {
        ["id": .integer(id), "token": .string(token), "expiration": .integer(expiresAt.seconds)]
    }
}
