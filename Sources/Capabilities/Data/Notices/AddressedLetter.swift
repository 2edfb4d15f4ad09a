import Cryptography
import JSON
import Time

/// A letter to one person, as it waits to be sent.
struct AddressedLetter: Sendable, Equatable {
    let to: String
    let letter: Letter
    /// When what it says is good no more; nil for never.
    var expiresAt: Timestamp?

    static let context = "letter"

    var json: JSONValue {
        [
            "to": .string(to), "subject": .string(letter.subject), "text": .string(letter.text),
            "html": letter.html.map { .string($0) } ?? .null,
            "expires_at": expiresAt.map { .integer($0.microseconds) } ?? .null,
        ]
    }
}

extension AddressedLetter {
    /// - Returns: nil for what is none.
    /// - Throws: `SealingError` when it was sealed under another key.
    init?(sealed: [UInt8], _ key: SecretKey) throws {
        try self.init(JSONValue(parsing: SealedBox(stored: sealed).open(context: Array(Self.context.utf8), key: key)))
    }

    init?(_ stored: JSONValue) {
        guard let to = stored["to"]?.string, let subject = stored["subject"]?.string, let text = stored["text"]?.string
        else { return nil }
        self.to = to
        letter = Letter(subject: subject, text: text, html: stored["html"]?.string)
        expiresAt = stored["expires_at"]?.int64.map(Timestamp.init(microseconds:))
    }
}
