/// Text in the form of RFC 4180, put together cell by cell: commas, lines that end with CRLF, quotes where they are needed.
public struct CSVText: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8] = []
    private var isAtStart = true

    public init() {}

    /// Adds an empty cell.
    public mutating func empty() { separate() }

    /// Adds a cell as it is: for numbers, and for texts that go back into programs.
    public mutating func exact(_ text: String) {
        separate()
        var text = text
        text.withUTF8 { Self.append($0, to: &bytes) }
    }

    /// Adds a cell that a person wrote, for people who open the file in a spreadsheet.
    public mutating func guarded(_ text: String) { exact(SpreadsheetGuard.guarded(text)) }

    /// Ends the line.
    public mutating func endLine() {
        bytes.append(UInt8(ascii: "\r"))
        bytes.append(UInt8(ascii: "\n"))
        isAtStart = true
    }

    private mutating func separate() {
        if !isAtStart { bytes.append(UInt8(ascii: ",")) }
        isAtStart = false
    }

    /// Appends one cell's text. An empty one is quoted, which tells it from none.
    public static func append(_ field: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        let isPlain =
            !field.isEmpty
            && field.allSatisfy { byte in
                // Some programs take semicolons and tabs for commas.
                byte != quote && byte != UInt8(ascii: ",") && byte != UInt8(ascii: ";") && byte > UInt8(ascii: "\r")
            }
        if isPlain {
            bytes.append(contentsOf: field)
            return
        }
        bytes.append(quote)
        for byte in field {
            if byte == quote { bytes.append(quote) }
            bytes.append(byte)
        }
        bytes.append(quote)
    }
}

/// Keeps spreadsheets from running what visitors and other people wrote (OWASP, "CSV Injection"): a text that a spreadsheet
/// could take for a formula gets an apostrophe before it, which a spreadsheet takes for "text follows".
public enum SpreadsheetGuard {
    /// What a formula begins with; some programs skip white space before it.
    static let formulaStarts: [Unicode.Scalar] = [
        "=", "+", "-", "@", "\t", "\r", "\n", "\u{2212}", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
    ]

    /// White space, and what has no width.
    private static let skipped: [Unicode.Scalar] =
        [
            " ", "\u{B}", "\u{C}", "\u{85}", "\u{A0}", "\u{1680}", "\u{2028}", "\u{2029}", "\u{202F}", "\u{205F}",
            "\u{2060}",
            "\u{3000}", "\u{FEFF}",
        ] + (0x2000...0x200D).compactMap(Unicode.Scalar.init)

    /// The text, with the apostrophe where it needs one.
    public static func guarded(_ text: String) -> String {
        let first = text.unicodeScalars.first { !skipped.contains($0) }
        return first.map(formulaStarts.contains) ?? false ? "'\(text)" : text
    }

    /// The same in the engine's SQL.
    /// - Parameter expression: gives a text, or NULL, which stays NULL.
    public static func sql(_ expression: String) -> String {
        func of(_ scalars: [Unicode.Scalar]) -> String {
            scalars.map { "\\x{\(String($0.value, radix: 16))}" }.joined()
        }
        return
            "CASE WHEN regexp_matches(\(expression), '^[\(of(skipped))]*[\(of(formulaStarts))]') THEN concat('''', \(expression)) "
            + "ELSE \(expression) END"
    }
}
