import Mustache

/// A text in a letter that comes from elsewhere, such as a name: it stays on one line and runs the way of the rest, so that it
/// looks like nothing else in the letter. All that templates are given is of this type.
package struct LetterLine: Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ text: String) {
        description = String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.endsLine || $0.turnsText ? " " : $0 }))
    }

    package init(_ number: some BinaryInteger) {
        description = String(number)
    }
}

extension LetterLine: MustacheCustomRenderable {
    package var renderText: String { description }
    package var isNull: Bool { false }
}

extension Unicode.Scalar {
    /// Whether it is a control character, or begins another line or paragraph.
    fileprivate var endsLine: Bool {
        [.control, .lineSeparator, .paragraphSeparator].contains(properties.generalCategory)
    }

    /// Whether it has what follows run the other way, beyond the name that it stands in.
    fileprivate var turnsText: Bool { (0x202A...0x202E).contains(value) || (0x2066...0x2069).contains(value) }
}
