/// The exact value of a decimal numeral, so that `1.50` and `15e-1` compare equal: significant digits and exponent.
struct DecimalNumber: Equatable {
    private var isNegative = false
    private var digits: [UInt8] = []
    private var exponent = 0

    /// Reads a numeral of JSON's grammar.
    init(_ text: String) {
        var isFraction = false
        var written = ""
        var isExponent = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "-") where !isExponent: isNegative = true
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"): isExponent = true
            default:
                if isExponent {
                    written.unicodeScalars.append(Unicode.Scalar(byte))
                } else {
                    digits.append(byte)
                    exponent -= isFraction ? 1 : 0
                }
            }
        }
        // An exponent beyond Int is beyond any double; the extreme keeps such numerals apart from all others.
        exponent += isExponent ? Int(written) ?? (written.hasPrefix("-") ? -1_000_000_000 : 1_000_000_000) : 0
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        digits.removeFirst(digits.prefix { $0 == UInt8(ascii: "0") }.count)
        if digits.isEmpty { exponent = 0 }
    }
}
