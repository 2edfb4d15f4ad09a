import Gateway
import Text

/// What the parameter `sort` says: fields joined by `;`, each `field`, `-field`, `+field`, `field:asc` or `field:desc`.
struct SortExpression {
    struct Key {
        let field: String
        let isDescending: Bool
    }

    let keys: [Key]

    /// - Throws: `APIError` 400.
    init(_ text: String?) throws(APIError) {
        var keys: [Key] = []
        for part in (text ?? "").split(byte: ";", omittingEmptySubsequences: true) {
            guard let key = Key(part) else {
                throw APIError.invalid(
                    "sort", "sort: \"\(part.prefix(80))\" must be field, -field, field:asc or field:desc.")
            }
            keys.append(key)
        }
        self.keys = keys
    }
}

extension SortExpression.Key {
    fileprivate init?(_ text: String) {
        var bytes = text.utf8[...]
        var isDescending = false
        switch bytes.first {
        case UInt8(ascii: "-"):
            isDescending = true
            bytes = bytes.dropFirst()
        // A plus that was not escaped comes as a space.
        case UInt8(ascii: "+"), UInt8(ascii: " "): bytes = bytes.dropFirst()
        default: break
        }
        if let colon = bytes.lastIndex(of: UInt8(ascii: ":")) {
            switch String(Substring(bytes[colon...].dropFirst())).lowercased() {
            case "asc": break
            case "desc": isDescending.toggle()
            default: return nil
            }
            bytes = bytes[..<colon]
        }
        guard !bytes.isEmpty else { return nil }
        self.init(field: String(Substring(bytes)), isDescending: isDescending)
    }
}
