/// Text for a terminal: what it shows is one line, and nothing of it drives the terminal.
public enum VisibleText {
    /// The text with what would not be seen, or would move the cursor, change colours or turn the direction of writing,
    /// written out: `\n`, `\t`, `\u{1b}`.
    public static func of(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHidden) else { return text }
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            guard isHidden(scalar) else {
                shown.append(scalar)
                continue
            }
            shown.append(contentsOf: written(scalar).unicodeScalars)
        }
        return String(shown)
    }

    /// The same for a text of several lines, which stay lines.
    public static func lines(of text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { of(String($0)) }.joined(separator: "\n")
    }

    /// The columns that a text takes on a terminal with letters of one width: two for letters as wide as those of Chinese and
    /// for most pictures, none for accents that are put over the letter before.
    ///
    /// The ranges are those of Unicode's East Asian Width (UAX 11), W and F.
    public static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + width($1) }
    }

    /// The beginning of a text that takes so many columns at most, with an ellipsis where something was left out.
    public static func shortened(_ text: String, to most: Int) -> String {
        guard width(text) > most else { return text }
        var shown = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            let width = width(scalar)
            guard used + width < most else { break }
            shown.append(scalar)
            used += width
        }
        return String(shown) + (most > 0 ? "…" : "")
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7F { return scalar.value < 0x20 }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: true
        default: false
        }
    }

    private static func written(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(scalar.value, radix: 16))}"
        }
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        guard scalar.value >= 0x300 else { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        return scalar.properties.isEmojiPresentation || wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
        0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18CFF,
        0x1AFF0...0x1B2FF, 0x20000...0x3FFFD,
    ]
}
