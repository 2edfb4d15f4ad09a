/// Text as JavaScript sees it, which is what the official SDKs compare.
enum ScriptText {
    /// What `toLowerCase()` gives: full Unicode lower case with the final sigma, independent of language.
    static func lowercased(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.lowercased() }
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        for (position, scalar) in scalars.enumerated() {
            if scalar == "\u{3A3}", endsWord(at: position, of: scalars) {
                result.append("\u{3C2}")
            } else {
                result.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
            }
        }
        return String(result)
    }

    /// What `String(number)` gives: the shortest digits that mean the number, with an exponent from 1e21 on and
    /// below 1e-6.
    static func decimal(_ number: Double) -> String {
        guard number.isFinite else { return number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity" }
        if let whole = Int64(exactly: number), whole.magnitude < 1 << 53 { return String(whole) }
        let sign = number < 0 ? "-" : ""
        let (digits, point) = shortestDigits(number.magnitude)
        switch point {
        case digits.count...21:
            return sign + digits + String(repeating: "0", count: point - digits.count)
        case 1...21:
            return sign + digits.prefix(point) + "." + digits.dropFirst(point)
        case -5...0:
            return sign + "0." + String(repeating: "0", count: -point) + digits
        default:
            let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
            return sign + digits.prefix(1) + fraction + "e" + (point > 0 ? "+" : "-") + String((point - 1).magnitude)
        }
    }

    /// The significant digits of a positive number, and where the decimal point stands, counted from their start.
    private static func shortestDigits(_ number: Double) -> (digits: String, point: Int) {
        let parts = number.description.split(separator: "e")
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = String(mantissa[0])
        let all = whole + (mantissa.count > 1 ? mantissa[1] : "")
        let leading = all.prefix { $0 == "0" }.count
        var digits = all.dropFirst(leading)
        while digits.count > 1, digits.last == "0" { digits.removeLast() }
        return (String(digits), whole.count + exponent - leading)
    }

    /// Whether a sigma is the last letter of a word: a cased letter before it and none behind, looking past marks.
    private static func endsWord(at position: Int, of scalars: [Unicode.Scalar]) -> Bool {
        let before = scalars[..<position].last { !$0.properties.isCaseIgnorable }
        let after = scalars[(position + 1)...].first { !$0.properties.isCaseIgnorable }
        return before?.properties.isCased == true && after?.properties.isCased != true
    }
}
