import HTTPClient
import NIOCore
public import Time
public import WebFetch

/// Sends messages to receivers.
public struct WebhookSender: Sendable {
    private let secrets: WebhookSecrets
    private let networks: [Network]
    private let clock: WallClock

    /// Seconds that a receiver has to begin its answer.
    static let answerSeconds = 15
    /// Seconds that it has for the rest.
    static let bodySeconds = 5
    /// Bytes of an answer that are kept.
    static let keptAnswerBytes = 4_096

    /// - Parameter networks: what may be reached besides the public internet.
    public init(secrets: WebhookSecrets, networks: [Network], clock: WallClock) {
        self.secrets = secrets
        self.networks = networks
        self.clock = clock
    }

    /// Sends a message once.
    /// - Throws: `CancellationError`.
    func send(_ body: [UInt8], id: String, to subscription: Subscription) async throws -> DeliveryAttempt {
        let now = clock.now
        var request = ClientRequest(
            method: "POST", url: subscription.callbackURL,
            headers: [
                ("Content-Type", "application/json"), ("User-Agent", "Sextant"), ("webhook-id", id),
                ("webhook-timestamp", "\(now.seconds)"),
                (
                    "webhook-signature",
                    secrets.signature(subscription, id: id, seconds: now.seconds, body: body, now: now)
                ),
                ("X-Signature", secrets.userpilotSignature(subscription, seconds: now.seconds, body: body)),
            ], body: .bytes(body))
        request.guardedNetworks = networks
        request.answerTimeoutSeconds = Self.answerSeconds
        request.bodyTimeoutSeconds = Self.bodySeconds
        request.idleTimeoutSeconds = Self.answerSeconds
        do {
            let response = try await HTTPClient.send(request)
            let answer = await Self.beginning(of: response.body)
            return Self.attempt(response, answer, at: clock.now)
        } catch let error as CancellationError {
            throw error
        } catch {
            try Task.checkCancellation()
            return DeliveryAttempt(.refused, status: nil, answer: "\(error)")
        }
    }

    private static func attempt(_ response: ClientResponse, _ answer: String, at now: Timestamp) -> DeliveryAttempt {
        let status = response.status
        switch status {
        case 200..<300: return DeliveryAttempt(.delivered, status: status, answer: answer)
        case 410: return DeliveryAttempt(.gone, status: status, answer: "the receiver answered 410 Gone")
        case 300..<400:
            return DeliveryAttempt(
                .refused, status: status, answer: "redirects are not followed; give the address itself")
        default:
            return DeliveryAttempt(
                .refused, status: status, answer: answer,
                retryAfterSeconds: response.header("Retry-After").flatMap { RetryAfter.seconds($0, at: now) })
        }
    }

    /// What of an answer is kept. A receiver that goes on, or takes its time, is left: its status counts.
    private static func beginning(of body: ClientResponse.Body) async -> String {
        var bytes: [UInt8] = []
        do {
            for try await chunk in body {
                bytes += chunk.readableBytesView.prefix(keptAnswerBytes - bytes.count)
                if bytes.count >= keptAnswerBytes { break }
            }
        } catch {
            // What came before it ended is kept.
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
