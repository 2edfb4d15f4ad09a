import Gateway
import Text

/// What the parameter `filter` says: `field op value` terms, joined by `;` (and), in parameters that may be repeated (or).
/// The grammar is in `docs/gainsight.md`.
struct FilterExpression {
    enum Comparison: String {
        case equal = "=="
        case unequal = "!="
        case atMost = "<="
        case atLeast = ">="
        case unlike = "!~"
        case like = "~"
        case less = "<"
        case greater = ">"

        var isNegative: Bool { self == .unequal || self == .unlike }
    }

    struct Term {
        let field: String
        let comparison: Comparison
        let value: String
    }

    /// Whoever satisfies all terms of any of these matches; empty for everybody.
    let alternatives: [[Term]]

    /// Bytes of what a field is compared with.
    private static let maximumValueBytes = 1_024
    /// Conditions of one list.
    private static let maximumTerms = 100

    /// - Parameter texts: the values of the parameters; an empty one says nothing.
    /// - Throws: `APIError` 400.
    init(_ texts: [String]) throws(APIError) {
        var alternatives: [[Term]] = []
        for text in texts where !text.isEmpty {
            // Forms that each term can be read in multiply.
            var expanded: [[Term]] = [[]]
            for part in text.split(byte: ";", omittingEmptySubsequences: true) {
                let term = try Self.term(part)
                guard let other = term.withPluses else {
                    expanded = expanded.map { $0 + [term] }
                    continue
                }
                expanded =
                    term.comparison.isNegative
                    ? expanded.map { $0 + [term, other] } : expanded.map { $0 + [term] } + expanded.map { $0 + [other] }
                guard expanded.count <= Self.maximumTerms else { throw Self.tooMany }
            }
            alternatives += expanded
        }
        guard alternatives.reduce(0, { $0 + $1.count }) <= Self.maximumTerms else { throw Self.tooMany }
        // An alternative without terms lets everybody in.
        self.alternatives = alternatives.contains(where: \.isEmpty) ? [] : alternatives
    }

    private static let tooMany = APIError.invalid(
        "filter", "filter has more than \(maximumTerms) conditions; use fewer.")

    /// The longest first, so that `<=` is not taken for `<`; a lone `=` means `==`.
    private static let operators: [(text: String, comparison: Comparison)] = [
        ("==", .equal), ("!=", .unequal), ("<=", .atMost), (">=", .atLeast), ("!~", .unlike), ("~", .like),
        ("<", .less),
        (">", .greater), ("=", .equal),
    ]

    private static func term(_ text: String) throws(APIError) -> Term {
        let bytes = Array(text.utf8)
        for start in bytes.indices {
            for (sign, comparison) in operators where bytes[start...].starts(with: sign.utf8) {
                let field = String(decoding: bytes[..<start], as: UTF8.self).trimmingSpaces
                guard !field.isEmpty else { throw noCondition(text) }
                let value = String(decoding: bytes[(start + sign.utf8.count)...], as: UTF8.self)
                guard value.utf8.count <= maximumValueBytes else {
                    throw APIError.invalid(
                        "filter", "filter: a value of \(field.prefix(80)) has more than \(maximumValueBytes) bytes.")
                }
                return Term(field: field, comparison: comparison, value: value)
            }
        }
        throw noCondition(text)
    }

    private static func noCondition(_ text: String) -> APIError {
        APIError.invalid(
            "filter",
            "filter: \"\(text.prefix(80))\" is no condition; write field, operator and value, such as email==ann@example.com. Operators are ==, !=, <=, >=, <, >, ~ and !~."
        )
    }
}

extension FilterExpression.Term {
    /// A literal plus may have come as a space: then the term in its other reading.
    fileprivate var withPluses: Self? {
        let isText = [.equal, .unequal, .like, .unlike].contains(comparison)
        guard isText, value.utf8.contains(UInt8(ascii: " ")) else { return nil }
        let pluses = value.utf8.map { $0 == UInt8(ascii: " ") ? UInt8(ascii: "+") : $0 }
        return Self(field: field, comparison: comparison, value: String(decoding: pluses, as: UTF8.self))
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        let bytes = utf8.drop { $0 == UInt8(ascii: " ") }
        let end = bytes.lastIndex { $0 != UInt8(ascii: " ") }.map { bytes.index(after: $0) } ?? bytes.startIndex
        return String(Substring(bytes[..<end]))
    }
}
