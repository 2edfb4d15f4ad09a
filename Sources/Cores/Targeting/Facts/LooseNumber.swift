/// Numbers in text, as the official JavaScript SDK accepts them (`isNumeric`, `toNumber`).
///
/// An optional minus, digits with or without commas between thousands, a fraction; nothing else, no blanks and no
/// exponent. A first group `0` makes the commas decimal: `0,125` is an eighth.
enum LooseNumber {
    private static let comma = UInt8(ascii: ",")
    private static let point = UInt8(ascii: ".")

    /// The number that a text stands for, or nil when it is not one.
    static func parse(_ text: String) -> Double? {
        guard let first = text.utf8.first, first < 0x3A, isNumeric(text.utf8) else { return nil }
        guard text.utf8.contains(comma) else { return finite(text) }
        if text.hasPrefix("0,") {
            // The text is read up to a second point, as `parseFloat` does.
            let parts = text.split(whereSeparator: { $0 == "," || $0 == "." })
            return finite("0." + parts[1])
        }
        return finite(text.filter { $0 != "," })
    }

    private static func finite(_ text: some StringProtocol) -> Double? {
        guard let number = Double(text.hasPrefix(".") ? "0" + text : String(text)), number.isFinite else { return nil }
        return number
    }

    /// `-?(digits{1,3}(,digits{3})+ | digits+)(.digits+)?  or  -?.digits+`
    private static func isNumeric(_ text: String.UTF8View) -> Bool {
        var rest = text[...]
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let whole = rest.prefix(while: isDigit)
        rest = rest[whole.endIndex...]
        if !whole.isEmpty, whole.count <= 3 {
            while rest.first == comma {
                let group = rest.dropFirst().prefix(while: isDigit)
                guard group.count == 3 else { return false }
                rest = rest[group.endIndex...]
            }
        }
        if rest.isEmpty { return !whole.isEmpty }
        guard rest.first == point else { return false }
        let fraction = rest.dropFirst()
        return !fraction.isEmpty && fraction.allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
