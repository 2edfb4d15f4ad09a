import JSON

/// A number as it was written, compared by what it is worth: neither integers beyond 2^53 nor decimals are rounded.
///
/// The nearest double decides nearly always, since rounding never turns an order round. Only where two numbers have the
/// same nearest double are their digits looked at.
struct ExactNumber: Sendable {
    /// The nearest double; infinite for what is beyond all doubles.
    let nearest: Double
    /// The numeral.
    let text: String

    /// Reads a decimal numeral, see ``JSON/DecimalNumber``; nil for any other text.
    init?(_ text: String) {
        guard text.utf8.allSatisfy(Self.standsInNumerals), let nearest = Double(text) else { return nil }
        self.nearest = nearest
        self.text = text
    }

    /// A number, or a text that is one.
    init?(_ value: JSONValue) {
        switch value {
        case .integer, .double, .number: self.init(value.encodedString)
        case .string(let text): self.init(text)
        case .null, .bool, .array, .object: return nil
        }
    }

    private static func standsInNumerals(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    /// So many digits are told apart by every double that is not near zero.
    private static let digitsOfDoubles = 15

    /// Whether no other number that this holds for has the same nearest double.
    var isToldByNearest: Bool {
        nearest.isNormal && text.utf8.count <= Self.digitsOfDoubles
    }

    /// Whether it is 0, not only nearest to it.
    var isZero: Bool {
        guard nearest == 0 else { return false }
        let digits = text.utf8.prefix { $0 != UInt8(ascii: "e") && $0 != UInt8(ascii: "E") }
        return !digits.contains { (UInt8(ascii: "1")...UInt8(ascii: "9")).contains($0) }
    }
}

extension ExactNumber: Comparable {
    static func == (first: ExactNumber, second: ExactNumber) -> Bool {
        guard first.nearest == second.nearest else { return false }
        if first.isToldByNearest && second.isToldByNearest { return true }
        return DecimalNumber(first.text) == DecimalNumber(second.text)
    }

    static func < (first: ExactNumber, second: ExactNumber) -> Bool {
        guard first.nearest == second.nearest else { return first.nearest < second.nearest }
        if first.isToldByNearest && second.isToldByNearest { return false }
        guard let first = DecimalNumber(first.text), let second = DecimalNumber(second.text) else { return false }
        return first < second
    }
}
