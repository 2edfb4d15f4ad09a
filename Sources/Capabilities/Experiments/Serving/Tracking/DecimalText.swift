/// Amounts that clients send as text.
public enum DecimalText {
    /// The number that a text is, blanks around it aside: `12.50`, `+3`, `.5`, `1e2`. Nil for anything else, such as
    /// `12,50`, `0x10`, `nan` and no text at all, and for what no double can hold.
    public static func number(_ text: String) -> Double? {
        let scalars = text.unicodeScalars
        guard let start = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let end = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return nil }
        let trimmed = String(scalars[start...end])
        guard isDecimal(trimmed.utf8), let number = Double(trimmed), number.isFinite else { return nil }
        return number
    }

    private static func isDecimal(_ text: String.UTF8View) -> Bool {
        var rest = text[...]
        func dropSign() { if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() } }
        func dropDigits() -> Int {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
            rest.removeFirst(digits)
            return digits
        }
        dropSign()
        var digits = dropDigits()
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            digits += dropDigits()
        }
        guard digits > 0 else { return false }
        guard let letter = rest.first else { return true }
        guard letter | 0x20 == UInt8(ascii: "e") else { return false }
        rest.removeFirst()
        dropSign()
        return dropDigits() > 0 && rest.isEmpty
    }
}
