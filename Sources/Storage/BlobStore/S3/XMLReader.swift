/// The reader behind ``XMLElement``.
struct XMLReader {
    static let maximumDepth = 32

    private let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }

    mutating func root() throws(XMLSyntaxError) -> XMLElement {
        try skipBetweenElements()
        guard peek() == UInt8(ascii: "<") else { throw error("no root element") }
        let element = try element(depth: 1)
        try skipBetweenElements()
        guard position == bytes.count else { throw error("content after the root element") }
        return element
    }

    private mutating func element(depth: Int) throws(XMLSyntaxError) -> XMLElement {
        guard depth <= Self.maximumDepth else { throw error("nested deeper than \(Self.maximumDepth)") }
        position += 1
        let fullName = try name()
        var element = XMLElement(
            name: String(fullName[(fullName.lastIndex(of: ":").map(fullName.index(after:)) ?? fullName.startIndex)...]))
        if try skipAttributes() { return element }
        var text: [UInt8] = []
        while true {
            guard let byte = peek() else { throw error("<\(fullName)> is not closed") }
            switch byte {
            case UInt8(ascii: "<"):
                if skip("</") {
                    guard try name() == fullName else { throw error("<\(fullName)> is closed by another name") }
                    skipBlanks()
                    guard skip(">") else { throw error("a closing tag is cut") }
                    guard let content = String(validating: text, as: UTF8.self) else {
                        throw error("the text of <\(fullName)> is not UTF-8")
                    }
                    element.text = content
                    return element
                } else if skip("<![CDATA[") {
                    text += try upTo("]]>")
                } else if try !skipComment() {
                    element.children.append(try self.element(depth: depth + 1))
                }
            case UInt8(ascii: "&"): text += try entity()
            default:
                text.append(byte)
                position += 1
            }
        }
    }

    private mutating func name() throws(XMLSyntaxError) -> String {
        let start = position
        while let byte = peek(), !Self.isBlank(byte), ![UInt8(ascii: ">"), UInt8(ascii: "/")].contains(byte) {
            guard byte != UInt8(ascii: "<"), byte != UInt8(ascii: "&"), byte != UInt8(ascii: "!") else { break }
            position += 1
        }
        guard position > start, let name = String(validating: bytes[start..<position], as: UTF8.self) else {
            throw error("a tag has no name")
        }
        return name
    }

    /// Skips to the end of an opening tag; true when it closes itself.
    private mutating func skipAttributes() throws(XMLSyntaxError) -> Bool {
        while let byte = peek() {
            position += 1
            switch byte {
            case UInt8(ascii: ">"): return false
            case UInt8(ascii: "/"):
                guard skip(">") else { throw error("a slash inside a tag") }
                return true
            case UInt8(ascii: "\""), UInt8(ascii: "'"): _ = try upTo(String(UnicodeScalar(byte)))
            case UInt8(ascii: "<"): throw error("'<' inside a tag")
            default: continue
            }
        }
        throw error("an opening tag is cut")
    }

    private mutating func entity() throws(XMLSyntaxError) -> [UInt8] {
        let start = position
        position += 1
        let name = String(decoding: try upTo(";"), as: UTF8.self)
        switch name {
        case "lt": return [UInt8(ascii: "<")]
        case "gt": return [UInt8(ascii: ">")]
        case "amp": return [UInt8(ascii: "&")]
        case "quot": return [UInt8(ascii: "\"")]
        case "apos": return [UInt8(ascii: "'")]
        default:
            let number = name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : UInt32(name.dropFirst(1))
            guard name.hasPrefix("#"), let number, let scalar = Unicode.Scalar(number) else {
                throw XMLSyntaxError(reason: "an unknown entity", offset: start)
            }
            return Array(String(scalar).utf8)
        }
    }

    private mutating func skipBetweenElements() throws(XMLSyntaxError) {
        repeat { skipBlanks() } while try skipComment()
    }

    /// Skips one comment or processing instruction; false when there is none here.
    private mutating func skipComment() throws(XMLSyntaxError) -> Bool {
        if skip("<!--") {
            _ = try upTo("-->")
        } else if skip("<?") {
            _ = try upTo("?>")
        } else if skip("<!") {
            throw error("declarations are not accepted")
        } else {
            return false
        }
        return true
    }

    private mutating func skipBlanks() {
        while let byte = peek(), Self.isBlank(byte) { position += 1 }
    }

    private mutating func skip(_ text: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard bytes[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    /// The bytes before `end`, which is skipped too.
    private mutating func upTo(_ end: String) throws(XMLSyntaxError) -> ArraySlice<UInt8> {
        let start = position
        let end = Array(end.utf8)
        while position + end.count <= bytes.count {
            if bytes[position...].starts(with: end) {
                defer { position += end.count }
                return bytes[start..<position]
            }
            position += 1
        }
        throw error("'\(String(decoding: end, as: UTF8.self))' is missing")
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private func error(_ reason: String) -> XMLSyntaxError { XMLSyntaxError(reason: reason, offset: position) }
}
