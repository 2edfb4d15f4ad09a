/// An e-mail address `local@domain` in the form that every mail server takes (RFC 5321, RFC 5322 dot-atom).
///
/// ASCII only: no quoted local parts, comments or address literals; an international domain in its `xn--` form. At most
/// 64 characters before the at sign and 254 in all. The case is kept.
public struct EmailAddress: Sendable, Hashable, CustomStringConvertible {
    /// The whole address.
    public let text: String

    /// - Throws: ``MailError/invalidAddress(_:reason:)``.
    public init(_ text: String) throws(MailError) {
        func invalid(_ reason: String) -> MailError {
            // The text may be hostile: it is shown cut, with its control characters as escapes.
            .invalidAddress(text.unicodeScalars.prefix(64).map { $0.escaped(asASCII: true) }.joined(), reason: reason)
        }
        guard text.utf8.count <= 254 else { throw invalid("it is longer than 254 characters") }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw invalid("it has a blank, a control character or a character outside of ASCII")
        }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw invalid("it needs exactly one '@'") }
        guard (1...64).contains(parts[0].utf8.count), Self.isDotAtom(parts[0]) else {
            throw invalid(
                "the part before '@' is empty, longer than 64 characters, or has a character not allowed there")
        }
        guard Self.isDomain(parts[1]) else { throw invalid("the part after '@' is no domain name") }
        self.text = text
    }

    /// The part after the at sign.
    public var domain: String { String(text[text.index(after: text.lastIndex(of: "@") ?? text.startIndex)...]) }

    public var description: String { text }

    /// Atoms of RFC 5322, section 3.2.3, joined by single dots.
    static func isDotAtom(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty && atom.utf8.allSatisfy { isLetterOrDigit($0) || "!#$%&'*+-/=?^_`{|}~".utf8.contains($0) }
        }
    }

    static func isDomain(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
