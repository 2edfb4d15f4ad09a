import Cryptography
public import JSON
public import Jobs
import Text

/// A letter to be sent.
public struct LetterOrder: JobPayload {
    /// How the letter waits.
    enum Content: Sendable {
        /// What only the key opens.
        case sealed([UInt8])
        /// As versions before stored the letters that hold no codes.
        case open(AddressedLetter)
    }

    let content: Content

    init(_ letter: AddressedLetter, _ key: SecretKey) throws {
        let context = Array(AddressedLetter.context.utf8)
        content = .sealed(try SealedBox(sealing: letter.json.encoded(), context: context, key: key).bytes)
    }

    public init?(_ job: Job) {
        if let sealed = job.payload["sealed"]?.string.flatMap({ Hexadecimal.decode($0) }) {
            content = .sealed(sealed)
        } else if let letter = AddressedLetter(job.payload) {
            content = .open(letter)
        } else {
            return nil
        }
    }

    public var json: JSONValue {
        switch content {
        case .sealed(let bytes): ["sealed": .string(Hexadecimal.encode(bytes))]
        case .open(let letter): letter.json
        }
    }

    /// - Returns: nil for what is none.
    /// - Throws: `SealingError` when it was sealed under another key.
    func letter(_ key: SecretKey) throws -> AddressedLetter? {
        switch content {
        case .sealed(let bytes): try AddressedLetter(sealed: bytes, key)
        case .open(let letter): letter
        }
    }
}
