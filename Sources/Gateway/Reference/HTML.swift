import Text

/// Markup. What is written literally is taken as it stands, what is interpolated is escaped, unless it is markup itself.
///
/// ```swift
/// let item: HTML = "<li>\(name)</li>"
/// ```
struct HTML: Sendable, ExpressibleByStringInterpolation {
    private(set) var text: String

    init(stringLiteral value: String) { text = value }

    init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

    /// Text that is shown as it stands.
    init(escaping value: String) { text = Self.escape(value) }

    static func += (html: inout HTML, other: HTML) { html.text += other.text }

    static func + (html: HTML, other: HTML) -> HTML {
        var sum = html
        sum += other
        return sum
    }

    struct Interpolation: StringInterpolationProtocol {
        fileprivate(set) var text = ""

        init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

        mutating func appendLiteral(_ literal: String) { text += literal }
        mutating func appendInterpolation(_ value: String) { text += HTML.escape(value) }
        /// A description, in which what stands between backticks is code.
        mutating func appendInterpolation(prose value: String) {
            for (position, part) in value.split(byte: "`", omittingEmptySubsequences: false).enumerated() {
                let escaped = HTML.escape(part)
                text += position.isMultiple(of: 2) ? escaped : "<code>\(escaped)</code>"
            }
        }
        mutating func appendInterpolation(_ value: Int) { text += String(value) }
        mutating func appendInterpolation(_ value: HTML) { text += value.text }
    }

    private static func escape(_ value: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(value.utf8.count)
        for scalar in value.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension Sequence<HTML> {
    /// All of them, one after the other.
    func joined(separator: HTML = "") -> HTML {
        var whole: HTML = ""
        for (position, part) in enumerated() {
            if position > 0 { whole += separator }
            whole += part
        }
        return whole
    }
}
