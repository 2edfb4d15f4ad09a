extension JSONNode {
    /// Digits that a number may need to be written without an exponent.
    private static let maximumPlainDigits = 400

    /// A number in the plainest form: without exponent, and without zeros that say nothing, so that `1004`, `1004.0` and
    /// `1.004e3` are one text. Exact. Nil for other kinds, and where it would have more than 400 digits.
    public var plainNumber: String? {
        switch kind {
        case .integer, .unsigned, .double: Self.plain(rawText)
        default: nil
        }
    }

    private static func plain(_ text: String) -> String? {
        var digits: [UInt8] = []
        var pointAt: Int?
        var exponent = 0
        var isNegative = false
        scan: for (index, byte) in text.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): pointAt = digits.count
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard let written = Int(String(Substring(text.utf8.dropFirst(index + 1)))) else { return nil }
                exponent = written
                break scan
            default: digits.append(byte)
            }
        }
        guard abs(exponent) <= maximumPlainDigits, digits.count <= maximumPlainDigits else { return nil }
        let point = (pointAt ?? digits.count) + exponent
        var whole = Array(digits.prefix(max(point, 0))) + zeros(point - digits.count)
        var fraction = zeros(-point) + Array(digits.dropFirst(max(point, 0)))
        while whole.first == UInt8(ascii: "0") { whole.removeFirst() }
        while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        let isZero = whole.isEmpty && fraction.isEmpty
        if whole.isEmpty { whole = [UInt8(ascii: "0")] }
        let text = String(decoding: whole + (fraction.isEmpty ? [] : [UInt8(ascii: ".")] + fraction), as: UTF8.self)
        return isNegative && !isZero ? "-\(text)" : text
    }

    private static func zeros(_ count: Int) -> [UInt8] { Array(repeating: UInt8(ascii: "0"), count: max(count, 0)) }
}
