/// The exact value of a decimal numeral, so that `1.50` and `15e-1` compare equal, and 9007199254740993 is greater than
/// 9007199254740992, whatever a double makes of them.
///
/// The value is kept as its significant digits and an exponent of ten; it takes as much memory as the numeral is long.
public struct DecimalNumber: Sendable {
    private var isNegative = false
    /// Significant digits as ASCII, without zeros at either end; none for zero.
    private var digits: [UInt8] = []
    /// The power of ten by which the digits, read as a whole number, are multiplied; 0 for zero.
    private var exponent = 0

    /// The largest exponent kept, of either sign. Numerals beyond it are taken for one another, but never for one
    /// within it: a document has fewer than 2^31 digits to move an exponent by, and a double fewer than 400.
    private static let largestExponent = 1 << 40

    /// Reads a decimal numeral: a sign, digits with or without a point among them, an exponent. All that JSON allows is
    /// one, and so are `+1`, `.5`, `5.` and `007`; hexadecimal digits, blanks, infinity and NaN are not.
    ///
    /// Nil when the text is none.
    public init?(_ text: String) {
        var rest = Substring(text).utf8
        isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        let whole = rest.prefix(while: Self.isDigit)
        rest = rest[whole.endIndex...]
        digits = Array(whole)
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: Self.isDigit)
            rest = rest[fraction.endIndex...]
            digits += fraction
            exponent = -fraction.count
        }
        guard !digits.isEmpty else { return nil }
        if let mark = rest.first {
            guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E"),
                let written = Self.exponent(rest.dropFirst())
            else { return nil }
            exponent += written
        }
        normalize()
    }

    private mutating func normalize() {
        let zeros = digits.reversed().prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeLast(zeros)
        exponent += zeros
        digits.removeFirst(digits.prefix { $0 == UInt8(ascii: "0") }.count)
        guard digits.isEmpty else { return }
        exponent = 0
        // There is one zero.
        isNegative = false
    }

    /// Nil unless it is a sign, or none, and digits.
    private static func exponent(_ text: Substring.UTF8View) -> Int? {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = isNegative || text.first == UInt8(ascii: "+") ? text.dropFirst() : text
        guard !digits.isEmpty, digits.allSatisfy(isDigit) else { return nil }
        let value = min(Int(Substring(digits)) ?? largestExponent, largestExponent)
        return isNegative ? -value : value
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

extension DecimalNumber: Hashable {}

extension DecimalNumber: Comparable {
    /// Whether the first is the lesser number.
    public static func < (first: DecimalNumber, second: DecimalNumber) -> Bool {
        guard first.isNegative == second.isNegative else { return first.isNegative }
        return first.isNegative ? second.hasLessMagnitude(than: first) : first.hasLessMagnitude(than: second)
    }

    private func hasLessMagnitude(than other: DecimalNumber) -> Bool {
        if digits.isEmpty || other.digits.isEmpty { return digits.isEmpty && !other.digits.isEmpty }
        // Where the point stands, counted from the first digit.
        let point = digits.count + exponent
        let otherPoint = other.digits.count + other.exponent
        guard point == otherPoint else { return point < otherPoint }
        return digits.lexicographicallyPrecedes(other.digits)
    }
}
