import Cryptography
import JSON
import Time

/// A message to one person.
struct Letter: Sendable, Equatable {
    let to: String
    let subject: String
    let text: String
    var html: String?
    /// When what it says is good no more; nil for never.
    var expiresAt: Timestamp?

    static let context = "letter"

    var json: JSONValue {
        [
            "to": .string(to), "subject": .string(subject), "text": .string(text),
            "html": html.map { .string($0) } ?? .null,
            "expires_at": expiresAt.map { .integer($0.microseconds) } ?? .null,
        ]
    }
}

extension Letter {
    /// - Returns: nil for what is none.
    /// - Throws: `SealingError` when it was sealed under another key.
    init?(sealed: [UInt8], _ key: SecretKey) throws {
        let stored = try JSONValue(parsing: SealedBox(stored: sealed).open(context: Array(Self.context.utf8), key: key))
        guard let to = stored["to"]?.string, let subject = stored["subject"]?.string, let text = stored["text"]?.string
        else { return nil }
        self.init(
            to: to, subject: subject, text: text, html: stored["html"]?.string,
            expiresAt: stored["expires_at"]?.int64.map(Timestamp.init(microseconds:)))
    }
}
