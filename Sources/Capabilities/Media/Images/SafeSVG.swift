import Foundation
import FoundationXML
import Text

/// Rewrites an SVG so that it only draws: what could run code, load anything, or lead elsewhere is left out.
///
/// Only elements of a list get through, with their text. Attributes get through unless they handle events or refer to
/// something outside the file. Declared entities are refused: they are no drawing, and can blow up a reader.
enum SafeSVG {
    /// - Throws: ``ImageError``.
    static func make(_ bytes: [UInt8]) throws(ImageError) -> [UInt8] {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .unknownFormat }
        guard text.containsBytes(of: "<svg") else { throw .unknownFormat }
        let drawing = try DrawingText.make(text)
        let parser = XMLParser(data: Data(drawing.utf8))
        parser.shouldResolveExternalEntities = false
        let writer = SafeSVGWriter()
        parser.delegate = writer
        guard parser.parse(), writer.isFinished else {
            throw .unusableSVG("it is not well-formed XML with svg as its outermost element")
        }
        return writer.output
    }
}

private final class SafeSVGWriter: NSObject, XMLParserDelegate {
    private(set) var output: [UInt8] = []
    /// The elements written and not yet closed.
    private var open: [String] = []
    /// How deep the reader is inside an element that is left out with all that it holds.
    private var omittedDepth = 0
    /// The text of the style sheet being read.
    private var style: String?
    private(set) var isFinished = false

    private static let drawing: Set<String> = [
        "svg", "g", "defs", "symbol", "use", "switch", "title", "desc", "path", "rect", "circle", "ellipse", "line",
        "polyline", "polygon", "text", "tspan", "textPath", "image", "linearGradient", "radialGradient", "stop",
        "clipPath", "mask", "pattern", "marker", "filter", "style", "animate", "animateTransform", "animateMotion",
        "mpath", "feBlend", "feColorMatrix", "feComponentTransfer", "feComposite", "feConvolveMatrix",
        "feDiffuseLighting", "feDisplacementMap", "feDistantLight", "feDropShadow", "feFlood", "feFuncA", "feFuncB",
        "feFuncG", "feFuncR", "feGaussianBlur", "feMerge", "feMergeNode", "feMorphology", "feOffset", "fePointLight",
        "feSpecularLighting", "feSpotLight", "feTile", "feTurbulence",
    ]
    private static let references: Set<String> = ["href", "xlink:href", "src"]
    /// Only what declares the two namespaces of drawings.
    private static let namespaces = [
        "xmlns": "http://www.w3.org/2000/svg", "xmlns:xlink": "http://www.w3.org/1999/xlink",
    ]

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String] = [:]
    ) {
        if omittedDepth > 0 || !Self.drawing.contains(name) || (open.isEmpty && name != "svg")
            || Self.animatesReference(attributes)
        {
            omittedDepth += 1
            return
        }
        open.append(name)
        write("<\(name)")
        for (attribute, value) in attributes.sorted(by: { $0.key < $1.key })
        where Self.isSafe(attribute, value, of: name) {
            write(" \(attribute)=\"")
            writeEscaped(value)
            write("\"")
        }
        if open.count == 1, attributes["xmlns"] == nil { write(" xmlns=\"http://www.w3.org/2000/svg\"") }
        write(">")
        if name == "style" { style = "" }
    }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
        if omittedDepth > 0 {
            omittedDepth -= 1
            return
        }
        if let css = style, name == "style" {
            if Self.isSafe(css: css) { writeEscaped(css) }
            style = nil
        }
        guard open.popLast() != nil else { return }
        write("</\(name)>")
        if open.isEmpty { isFinished = true }
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        keep(text)
    }

    func parser(_ parser: XMLParser, foundCDATA block: Data) {
        keep(String(decoding: block, as: UTF8.self))
    }

    private func keep(_ text: String) {
        guard omittedDepth == 0, !open.isEmpty else { return }
        if style != nil { style?.append(text) } else { writeEscaped(text) }
    }

    /// An animation could put another address into a reference while the picture is shown.
    private static func animatesReference(_ attributes: [String: String]) -> Bool {
        guard let target = attributes["attributeName"]?.lowercased() else { return false }
        return target.hasByteSuffix("href") || target.hasBytePrefix("on") || target == "src" || target == "style"
    }

    private static func isSafe(_ attribute: String, _ value: String, of element: String) -> Bool {
        let name = attribute.lowercased()
        if name == "xmlns" || name.hasBytePrefix("xmlns:") { return namespaces[attribute] == value }
        if references.contains(name) { return isInside(value, of: element) }
        // Other prefixes are editors' notes, or foreign vocabularies.
        if name.containsBytes(of: ":") && name != "xml:space" && name != "xml:lang" { return false }
        if name.hasBytePrefix("on") || name == "base" || name == "target" { return false }
        if name == "style" { return isSafe(css: value) }
        return hasOnlyInnerAddresses(value) && !value.lowercased().containsBytes(of: "javascript:")
    }

    /// A part of the same file, or a raster picture that the file carries itself.
    private static func isInside(_ reference: String, of element: String) -> Bool {
        if reference.hasBytePrefix("#") { return true }
        guard element == "image" else { return false }
        let kinds = ["png", "jpeg", "jpg", "gif", "webp"]
        return kinds.contains { reference.lowercased().hasBytePrefix("data:image/\($0);base64,") }
    }

    private static func isSafe(css: String) -> Bool {
        let text = css.lowercased()
        // A backslash can spell anything so that it is not recognised.
        return !text.containsBytes(of: "\\") && !text.containsBytes(of: "@import")
            && !text.containsBytes(of: "expression(")
            && !text.containsBytes(of: "javascript:") && !text.containsBytes(of: "image-set")
            && !text.containsBytes(of: "src(")
            && hasOnlyInnerAddresses(css)
    }

    /// Whether every `url(...)` is a part of the same file.
    private static func hasOnlyInnerAddresses(_ text: String) -> Bool {
        var rest = text.lowercased().unicodeScalars[...]
        while let start = rest.firstRange(of: "url(".unicodeScalars) {
            rest = rest[start.upperBound...].drop { $0.properties.isWhitespace || $0 == "'" || $0 == "\"" }
            guard rest.first == "#" else { return false }
        }
        return true
    }

    private func write(_ text: String) {
        output += text.utf8
    }

    private func writeEscaped(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): output += "&amp;".utf8
            case UInt8(ascii: "<"): output += "&lt;".utf8
            case UInt8(ascii: ">"): output += "&gt;".utf8
            case UInt8(ascii: "\""): output += "&quot;".utf8
            case 0x0A: output += "&#10;".utf8
            default: output.append(byte)
            }
        }
    }
}
