/// The exact value of a decimal numeral, so that `1.50` and `15e-1` compare equal: significant digits and exponent.
struct DecimalNumber: Equatable {
    private var isNegative = false
    private var digits: [UInt8] = []
    private var exponent = 0

    /// The largest exponent kept, of either sign. Numerals beyond it are taken for one another, but never for one
    /// within it: a document has fewer than 2^31 digits to move an exponent by, and a double fewer than 400.
    private static let largestExponent = 1 << 40

    /// Reads a numeral of JSON's grammar, whatever its exponent.
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
        if isExponent { exponent += Self.exponent(written) }
        let zeros = digits.reversed().prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeLast(zeros)
        exponent += zeros
        digits.removeFirst(digits.prefix { $0 == UInt8(ascii: "0") }.count)
        if digits.isEmpty { exponent = 0 }
    }

    private static func exponent(_ written: String) -> Int {
        let value = Int(written) ?? (written.hasPrefix("-") ? -largestExponent : largestExponent)
        return min(max(value, -largestExponent), largestExponent)
    }
}
