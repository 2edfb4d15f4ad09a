import Contract

/// A body as what it is, for calls that take events. `sendBeacon` and forms send what a page gives them under types of
/// their own, and many programs say nothing, or the wrong thing.
struct RecognizedBody {
    let bytes: [UInt8]
    /// A type of the contract, or the declared one where the body is nothing that the contract knows.
    let mediaType: String

    static let json = "application/json"
    static let lines = "application/x-ndjson"
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    init(bytes: [UInt8], mediaType: String) {
        self.bytes = bytes
        self.mediaType = mediaType
    }

    /// - Parameter expected: what the operation takes: JSON, and lines of it or not.
    /// - Throws: `APIError` 400 for a form that cannot be read.
    init(_ received: [UInt8], _ type: DeclaredType, expected: RequestBody) throws(APIError) {
        let bytes = received.starts(with: Self.byteOrderMark) ? Array(received.dropFirst(3)) : received
        let takesLines = expected.content[Self.lines] != nil
        switch bytes.first(where: { !Self.isBlank($0) }) {
        case UInt8(ascii: "["):
            let areLines = takesLines && type.isLines && Self.isSeveralLines(bytes)
            self.init(bytes: bytes, mediaType: areLines ? Self.lines : Self.json)
        case UInt8(ascii: "{"):
            let saysJSON = type.isJSON || type.essence.isEmpty
            if !takesLines || (saysJSON && !Self.isSeveralLines(bytes)) {
                self.init(bytes: bytes, mediaType: Self.json)
            } else if !saysJSON, !type.isLines, Self.isPrintedObject(bytes) {
                // One object over several lines, as programs print it to be read, is a list of one.
                self.init(bytes: Array("[".utf8) + bytes + Array("]".utf8), mediaType: Self.json)
            } else {
                self.init(bytes: bytes, mediaType: Self.lines)
            }
        default:
            if let form = try FormFields(bytes, type) {
                let (content, isList) = form.json(takesList: takesLines)
                self.init(bytes: content, mediaType: takesLines && !isList ? Self.lines : Self.json)
            } else if takesLines, type.isLines {
                self.init(bytes: bytes, mediaType: Self.lines)
            } else {
                // What is wrong with it its reader says best.
                self.init(bytes: bytes, mediaType: type.isJSON || type.essence.isEmpty ? Self.json : type.essence)
            }
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// Whether all of it is one object that goes over several lines. A text that a line ends in is none: of lines, one that
    /// was cut off costs itself only.
    private static func isPrintedObject(_ bytes: [UInt8]) -> Bool {
        var depth = 0
        var isText = false
        var isEscaped = false
        var hasLines = false
        let inside = bytes.drop(while: isBlank)
        for (index, byte) in zip(inside.indices, inside) {
            switch byte {
            case UInt8(ascii: "\n"):
                if isText { return false }
                hasLines = true
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isText: isEscaped = true
            case UInt8(ascii: "\""): isText.toggle()
            case UInt8(ascii: "{") where !isText, UInt8(ascii: "[") where !isText: depth += 1
            case UInt8(ascii: "}") where !isText, UInt8(ascii: "]") where !isText:
                depth -= 1
                if depth == 0 { return hasLines && inside[(index + 1)...].allSatisfy(isBlank) }
            default: break
            }
        }
        return false
    }

    /// Whether a line ends with a closed value and another begins one: nowhere in JSON does one follow the other.
    private static func isSeveralLines(_ bytes: [UInt8]) -> Bool {
        guard let start = bytes.firstIndex(where: { !isBlank($0) }),
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")),
            let last = bytes[start..<end].last(where: { !isBlank($0) }),
            let next = bytes[end...].first(where: { !isBlank($0) })
        else { return false }
        return "}]".utf8.contains(last) && "{[".utf8.contains(next)
    }
}
