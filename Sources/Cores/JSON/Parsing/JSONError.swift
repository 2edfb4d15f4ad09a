/// Why a text was not accepted as a JSON document. Paths read like `users[3].user_id`; the empty path is the document.
public enum JSONError: Error, Hashable, Sendable {
    /// Nothing but white space.
    case empty
    /// Not JSON (RFC 8259); `offset` counts bytes from the start of the text.
    case malformed(JSONDefect, path: String, offset: Int)
    /// A byte sequence that is not well-formed UTF-8.
    case invalidUTF8(path: String, offset: Int)
    /// More levels of arrays and objects than allowed.
    case tooDeep(limit: Int, path: String)
    /// More values than allowed.
    case tooManyValues(limit: Int, path: String)
    /// A number written with a power of ten beyond the limit, of either sign.
    case exponentTooLarge(limit: Int, path: String)
    /// The same key twice in one object.
    case duplicateKey(path: String)
    /// U+0000 in a key or a string, which the stores behind cannot hold.
    case nulCharacter(path: String)
    /// A text of 2 GiB or more, or one for which there is no memory.
    case tooLarge

    /// Where it went wrong, such as `users[3].user_id`; empty for the document as a whole.
    public var path: String {
        switch self {
        case .empty, .tooLarge: ""
        case .malformed(_, let path, _), .invalidUTF8(let path, _), .tooDeep(_, let path), .tooManyValues(_, let path),
            .exponentTooLarge(_, let path), .duplicateKey(let path), .nulCharacter(let path):
            path
        }
    }

    /// What is wrong, where, in a sentence for the sender of the document.
    public var message: String {
        switch self {
        case .empty: "the JSON document is empty"
        case .malformed(let defect, _, let offset): "malformed JSON at byte \(offset)\(place): \(defect.phrase)"
        case .invalidUTF8(_, let offset): "invalid UTF-8 at byte \(offset)\(place)"
        case .tooDeep(let limit, _): "nested more than \(limit) levels deep\(place)"
        case .tooManyValues(let limit, _): "more than \(limit) values in one document\(place)"
        case .exponentTooLarge(let limit, _): "the exponent of a number must lie from -\(limit) to \(limit)\(place)"
        case .duplicateKey: "the same key appears twice in one object\(place)"
        case .nulCharacter: "the NUL character (\\u0000) is not allowed\(place)"
        case .tooLarge: "the JSON document is too large"
        }
    }

    private var place: String { path.isEmpty ? "" : " (in \(path))" }
}

extension JSONError: CustomStringConvertible {
    /// The same as ``message``.
    public var description: String { message }
}
