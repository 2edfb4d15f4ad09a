import Text

/// The text of an SVG as an XML reader may see it: without what it does not need for drawing, and that readers stumble over.
///
/// Foundation's reader ends the process at a processing instruction without data (`<?x?>`) and at some declarations of a
/// document's own types, takes quadratic time for the attributes of one element, and for a comment of dashes.
enum DrawingText {
    private static let maximumElements = 250_000
    private static let maximumAttributesOfElement = 1_000

    /// - Throws: ``ImageError/unusableSVG(_:)`` for what no drawing has.
    static func make(_ text: String) throws(ImageError) -> String {
        let declared = try without("<?", "?>", in: Array(text.utf8), named: "processing instruction")
        let bytes = try without("<!--", "-->", in: declared, named: "comment")
        let drawing = String(decoding: bytes, as: UTF8.self)
        // What stood around a part that is left out must not make another one.
        guard !drawing.containsBytes(of: "<?"), !drawing.containsBytes(of: "<!--") else {
            throw .unusableSVG("it is not well-formed XML")
        }
        try checkDeclarations(drawing)
        try checkSize(bytes)
        // The XML declaration is gone; blanks may stand before it.
        return String(drawing.unicodeScalars.drop { $0.properties.isWhitespace || $0 == "\u{FEFF}" })
    }

    private static func without(
        _ start: StaticString, _ end: StaticString, in bytes: [UInt8], named name: String
    ) throws(ImageError) -> [UInt8] {
        let (opening, closing) = ("\(start)".utf8, "\(end)".utf8)
        var kept: [UInt8] = []
        kept.reserveCapacity(bytes.count)
        var rest = bytes[...]
        while let begin = rest.firstRange(of: opening) {
            kept += rest[..<begin.lowerBound]
            guard let finish = rest[begin.upperBound...].firstRange(of: closing) else {
                throw .unusableSVG("it is not well-formed XML: a \(name) does not end")
            }
            rest = rest[finish.upperBound...]
        }
        return kept + rest
    }

    private static func checkDeclarations(_ drawing: String) throws(ImageError) {
        let upper = drawing.uppercased()
        for declaration in ["<!ENTITY", "<!ATTLIST", "<!NOTATION", "<!ELEMENT"]
        where upper.containsBytes(of: declaration) {
            throw .unusableSVG("it declares entities, attributes, notations or elements")
        }
        guard let doctype = upper.utf8.firstRange(of: "<!DOCTYPE".utf8) else { return }
        let head = upper.utf8[doctype.upperBound...].prefix { $0 != UInt8(ascii: ">") }
        guard !head.contains(UInt8(ascii: "[")) else { throw .unusableSVG("it declares a document type of its own") }
    }

    private static func checkSize(_ bytes: [UInt8]) throws(ImageError) {
        var (elements, attributes) = (0, 0)
        for byte in bytes {
            if byte == UInt8(ascii: "<") {
                elements += 1
                attributes = 0
            } else if byte == UInt8(ascii: "=") {
                attributes += 1
            }
            guard elements <= maximumElements else {
                throw .unusableSVG("it has more than \(maximumElements) elements")
            }
            guard attributes <= maximumAttributesOfElement else {
                throw .unusableSVG("an element has more than \(maximumAttributesOfElement) attributes")
            }
        }
    }
}
