public import Cryptography
import Foundation
import Time

/// What receivers recognise us by. Secrets are derived from the server's key, so that none is stored.
///
/// Messages are signed as Standard Webhooks says: HMAC-SHA256 of id, time and body, joined by points.
public struct WebhookSecrets: Sendable {
    private let key: SecretKey

    /// How long a message is signed with the secret before as well, once there is a new one.
    static let overlapSeconds: Int64 = 24 * 3_600

    public init(key: SecretKey) {
        self.key = key
    }

    /// The secret as receivers are given it: `whsec_` and base64.
    public func secret(of subscription: Subscription) -> String {
        "whsec_" + Data(bytes(subscription, version: subscription.secretVersion)).base64EncodedString()
    }

    /// The header `webhook-signature`: one signature, or two while a secret is exchanged.
    func signature(_ subscription: Subscription, id: String, seconds: Int64, body: [UInt8], now: Timestamp) -> String {
        var versions = [subscription.secretVersion]
        if let rotated = subscription.secretRotatedAt, now < rotated.adding(seconds: Self.overlapSeconds) {
            versions.append(subscription.secretVersion - 1)
        }
        return versions.map { version in
            var code = HMAC(key: SecretKey(bytes(subscription, version: version)))
            code.update(Array("\(id).\(seconds).".utf8))
            code.update(body)
            return "v1," + Data(Self.bytes(of: code.finish())).base64EncodedString()
        }.joined(separator: " ")
    }

    /// The header `X-Signature` as Userpilot's webhooks have it: of body and time, joined by a point.
    func userpilotSignature(_ subscription: Subscription, seconds: Int64, body: [UInt8]) -> String {
        var code = HMAC(key: SecretKey(bytes(subscription, version: subscription.secretVersion)))
        code.update(body)
        code.update(Array(".\(seconds)".utf8))
        return "t=\(seconds),v1=\(code.finish().hexadecimal)"
    }

    private func bytes(_ subscription: Subscription, version: Int) -> [UInt8] {
        Self.bytes(of: AuthenticationCode(of: Array("webhook \(subscription.id) \(version)".utf8), key: key))
    }

    private static func bytes(of code: consuming AuthenticationCode) -> [UInt8] {
        code.key.withUnsafeBytes { Array($0) }
    }
}
